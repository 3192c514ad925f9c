//! The variables of the environment that are meant for Steward.

use std::ffi::OsString;

use super::SettingsError;

const PREFIX: &str = "STEWARD_";

/// The variables that begin with `STEWARD_`, from `std::env::vars_os`.
///
/// Kubernetes sets `STEWARD_SERVICE_HOST`, `STEWARD_PORT_8080_TCP` and others for every pod beside
/// a Service that is called `steward`: these are not ours and are left out.
///
/// # Errors
/// When one of ours is not UTF-8 text.
pub fn environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, SettingsError> {
    let mut ours = Vec::new();
    for (name, value) in variables {
        // A name that is not text is nobody's option.
        let Ok(name) = name.into_string() else { continue };
        if !name.starts_with(PREFIX) || is_of_kubernetes(&name) {
            continue;
        }
        match value.into_string() {
            Ok(value) => ours.push((name, value)),
            Err(_) => {
                let reason = "is not UTF-8 text".to_owned();
                return Err(SettingsError::Variable { name, reason });
            }
        }
    }
    Ok(ours)
}

/// "Discovering services: environment variables" of Kubernetes.
fn is_of_kubernetes(name: &str) -> bool {
    let rest = &name[PREFIX.len()..];
    rest == "PORT" || ["PORT_", "SERVICE_"].iter().any(|start| rest.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn only_what_is_meant_for_steward_is_taken() {
        let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let variables = [
            ("HOME".into(), bytes(b"\xff")),
            (bytes(b"\xffSTEWARD_X"), "x".into()),
            ("STEWARD_PORT_8080_TCP".into(), "tcp://10.0.0.1:8080".into()),
            ("STEWARD_SERVICE_HOST".into(), "10.0.0.1".into()),
            ("STEWARD_LOG_LEVEL".into(), "debug".into()),
        ];
        let ours = environment(variables).expect("readable");
        assert_eq!(ours, [("STEWARD_LOG_LEVEL".to_owned(), "debug".to_owned())]);
        let error = environment([("STEWARD_LOG_LEVEL".into(), bytes(b"\xff"))]);
        assert!(error.expect_err("not text").to_string().contains("STEWARD_LOG_LEVEL"));
    }
}
