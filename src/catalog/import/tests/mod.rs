//! A small page and a small catalog that agree; the tests change one of them.

mod reading;
mod writing;

use super::page::{Page, read};
use super::*;
use crate::catalog::Catalog;
use crate::policy::{Origin, PolicySource, SourceFile};

const GROUPS: &str = "\
stages:
  plan: {name: Plan, label: 'devops::plan'}
  verify: {name: Verify, label: 'devops::verify'}
groups:
  project_management: {name: Project Management, label: 'group::project management', stage: plan}
  pipeline_execution: {name: Pipeline Execution, label: 'group::pipeline execution', stage: verify}
";

const TRACKERS: &str = "\
# Trackers, in the order of the page.
category: External Issue Trackers
integrations:
  # The big one.
  jira:
    name: Jira issue integration
    group: project_management # for now
    rationale: \"Core: issue tracking\"
    docs: https://docs.test/jira
    kind: model
    code_names: [jira]
    label: Jira
    aliases: [Jira issues]

  # Kept for its users.
  redmine:
    name: Redmine
    group: project_management
    rationale: Issues
    kind: model
    code_names: [redmine]
    label: Redmine
    note: |
      A long
      note.
";

const CI: &str = "\
category: CI/CD Integrations
integrations:
  jenkins:
    name: Jenkins
    group: pipeline_execution
    rationale: Pipelines
    kind: model
    code_names: [jenkins]
    label: Jenkins
";

const PAGE: &str = "\
---
title: Who owns what
---

# Owners

#### External Issue Trackers

| Integration | DRI Group | Rationale |
|---|---|---|
| [Jira issue integration](https://docs.test/jira) | group Plan:Project Management | Core: issue tracking |
| Redmine | Project Management | Issues |

| Tool | Colour |
|---|---|
| Hammer | red |

#### CI/CD Integrations

| rationale | Notes | Integration | DRI group |
|:--|---|---|--:|
| Pipelines | - | Jenkins | under group Verify:Pipeline Execution |
";

fn source() -> PolicySource {
    PolicySource::from_files([
        ("catalog/groups.yml", GROUPS),
        ("catalog/integrations/ci_cd.yml", CI),
        ("catalog/integrations/trackers.yml", TRACKERS),
    ])
}

fn catalog_of(source: &PolicySource) -> Catalog {
    Catalog::load(source).unwrap_or_else(|errors| panic!("{errors}"))
}

fn page(text: &str) -> Page {
    let file = SourceFile::new("page.md", Origin::File("page.md".into()), text);
    read(&file, &catalog_of(&source()))
}

fn difference(text: &str) -> diff::Difference {
    diff::compare(&page(text), &catalog_of(&source()))
}
