//! Request parameters, wherever they stand: GitLab takes them from the query, from a
//! form and from a JSON body alike.

use std::collections::HashMap;

use serde_json::Value;
use url::form_urlencoded;

use super::error::ApiError;

/// Parameters by name; `labels[]=a&labels[]=b` and a JSON array are several values.
#[derive(Debug, Default)]
pub(super) struct Params(HashMap<String, Vec<String>>);

impl Params {
    /// Reads query or form text.
    pub(super) fn read_form(&mut self, text: &[u8]) {
        for (name, value) in form_urlencoded::parse(text) {
            let name = name.strip_suffix("[]").unwrap_or(&name);
            self.0.entry(name.to_owned()).or_default().push(value.into_owned());
        }
    }

    /// Reads a JSON object.
    pub(super) fn read_json(&mut self, text: &[u8]) -> Result<(), ApiError> {
        let Ok(Value::Object(object)) = serde_json::from_slice(text) else {
            return Err(ApiError::bad_request("400 Bad request - invalid JSON"));
        };
        for (name, value) in object {
            let values = match value {
                Value::Array(values) => values.into_iter().map(plain).collect(),
                value => vec![plain(value)],
            };
            self.0.insert(name, values);
        }
        Ok(())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The last value of this name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.last().map(String::as_str)
    }

    /// A value that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::parameter(name, "is missing"))
    }

    /// A number, absent when the parameter is absent or empty.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(ApiError::parameter(name, "is invalid")),
            },
        }
    }

    /// A flag; `default` when absent.
    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        match self.text(name) {
            None | Some("") => Ok(default),
            Some("true" | "1" | "t" | "yes" | "on") => Ok(true),
            Some("false" | "0" | "f" | "no" | "off") => Ok(false),
            Some(_) => Err(ApiError::parameter(name, "is invalid")),
        }
    }

    /// The parts of a comma list, or the values of an array.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        let parts = values.iter().flat_map(|value| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// The same for numbers.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<u64>, ApiError> {
        let number = |part: &str| part.parse().map_err(|_| ApiError::parameter(name, "is invalid"));
        self.list(name).into_iter().map(number).collect()
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
