use super::*;

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Settings::from_text("steward.toml", text, environment)
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    assert_eq!(load(DEFAULT_FILE, &[]).expect("valid"), Settings::default());
    assert_eq!(load("", &[]).expect("valid"), Settings::default());
}

#[test]
fn every_option_is_documented_and_has_a_variable() {
    let documented: Table = toml::from_str(DEFAULT_FILE).expect("valid");
    for (variable, (section, key, default)) in variables() {
        assert_eq!(documented[&section][&key], default, "{variable}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let settings = load(
        "[server]\nlisten = \"0.0.0.0:1\"\n[worker]\nconcurrency = 3\n",
        &[
            ("STEWARD_SERVER_LISTEN", "[::1]:9"),
            ("STEWARD_WORKER_DRY_RUN", "true"),
            ("STEWARD_GITLAB_PROJECTS", "a/b, c/d"),
            ("STEWARD_GITLAB_TOKEN", "x"),
            ("HOME", "/"),
        ],
    )
    .expect("valid");
    assert_eq!(settings.server.listen.port(), 9);
    assert_eq!(settings.worker.concurrency.get(), 3);
    assert!(settings.worker.dry_run);
    assert_eq!(settings.gitlab.projects, ["a/b", "c/d"]);
}

#[test]
fn mistakes_are_named_with_their_place() {
    let mut told = String::new();
    for (text, environment) in [
        ("[server]\nlistn = \"x\"\n", None),
        ("[server]\nlisten = \"nowhere\"\n", None),
        ("[gitlab]\ntoken = \"glpat-secret\"\n", None),
        ("[gitlab\n", None),
        ("[worker]\nconcurrency = 0\n", None),
        ("[worker]\nconcurrency = \"many\"\n", None),
        ("[gitlab]\nurl = \"gitlab.com\"\n", None),
        ("[log]\nlevel = \"loud\"\n", None),
        ("", Some(("STEWARD_WORKER_DRYRUN", "1"))),
        ("", Some(("STEWARD_WORKER_DRY_RUN", "maybe"))),
        ("", Some(("STEWARD_SERVER_LISTEN", "nowhere"))),
        ("", Some(("STEWARD_WORKER_CONCURRENCY", "-1"))),
        ("", Some(("STEWARD_GITLAB_URL", "gitlab.com"))),
        ("", Some(("STEWARD_LOG_LEVEL", "loud"))),
    ] {
        let error = load(text, environment.as_slice()).expect_err(text).to_string();
        told.push_str(&format!("{error}\n\n"));
    }
    assert!(!told.contains("glpat"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_secret_comes_from_the_environment_or_a_file_and_is_not_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("token");
    std::fs::write(&file, "glpat-hidden\n").expect("written");
    let variables = |list: &[(&str, String)]| {
        list.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect::<Vec<_>>()
    };
    let secrets = Secrets::load(variables(&[
        ("STEWARD_GITLAB_TOKEN_FILE", file.display().to_string()),
        ("STEWARD_GITLAB_WEBHOOK_SECRET", "old-hidden, new-hidden".into()),
    ]))
    .expect("readable");
    assert!(secrets.gitlab_token.is_some());
    assert_eq!(secrets.gitlab_webhook_secrets.len(), 2);
    assert!(!format!("{secrets:?}").contains("hidden"));
    for wrong in [
        variables(&[("STEWARD_GITLAB_TOKEN_FILE", "/nowhere/token".into())]),
        variables(&[("STEWARD_GITLAB_TOKEN", " ".into())]),
        variables(&[
            ("STEWARD_GITLAB_TOKEN", "hidden".into()),
            ("STEWARD_GITLAB_TOKEN_FILE", file.display().to_string()),
        ]),
    ] {
        let error = Secrets::load(wrong).expect_err("wrong").to_string();
        assert!(error.starts_with("environment variable STEWARD_GITLAB_TOKEN"), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }
}

#[test]
fn a_bare_word_of_the_log_is_a_level() {
    let level = |text: &str| load("", &[("STEWARD_LOG_LEVEL", text)]).map(|all| all.log.level);
    for good in ["info", "OFF", "steward=debug,info", "info,sqlx=warn", "steward[claim]=trace"] {
        assert_eq!(level(good).expect(good), good);
    }
    for wrong in ["loud", "", ",", "steward", "steward=loud", "info,chatty"] {
        assert!(level(wrong).is_err(), "{wrong}");
    }
}
