//! The repository of a product, with one integration that leaves it step by step.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Ended, run, steward};

const LISTS: &str = "app/models/concerns/integrations/base/integration.rb";
const KINDS: [&str; 5] =
    ["projects", "projects_inheriting", "groups", "groups_inheriting", "instances"];

/// A repository, and the policies that record a removal.
pub(crate) struct Product {
    folder: TempDir,
    name: &'static str,
    class: String,
}

impl Product {
    /// A product with an integration of this name, and `removals.yml` below `removals:`.
    pub(crate) fn with(name: &'static str, removal: &str) -> Self {
        let class: String =
            name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let product = Self { folder: TempDir::new().expect("a folder"), name, class };
        product.records(removal);
        let catalog = "category: Leaving\nintegrations:\n  leaving:\n    name: The leaving one\n    \
                       group: import\n    rationale: It leaves\n    kind: model\n    label: Leaving\n    \
                       code_names: [NAME]\n";
        let groups = "groups:\n  import: { name: Import, label: 'group::import' }\n";
        product.policy("catalog/integrations/leaving.yml", &catalog.replace("NAME", name));
        product.policy("catalog/groups.yml", groups);
        fs::create_dir(product.repository()).expect("made");
        product.git(&["init", "-q", "-b", "main"]);
        product.is_there();
        product.commits("As it was");
        product
    }

    /// What is recorded of the removal.
    pub(crate) fn records(&self, removal: &str) {
        let steps = include_str!("../../../policies/removals.yml");
        let (steps, _) = steps.split_once("\nremovals:").expect("the removals");
        let removal: String = removal.lines().map(|line| format!("    {line}\n")).collect();
        self.policy("removals.yml", &format!("{steps}\nremovals:\n  leaving:\n{removal}"));
    }

    pub(crate) fn policy(&self, path: &str, text: &str) {
        let path = self.folder.path().join("policies").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn policies(&self) -> PathBuf {
        self.folder.path().join("policies")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("product")
    }

    fn fill(&self, text: &str) -> String {
        let slug = self.name.replace('_', "-");
        text.replace("{name}", self.name).replace("{class}", &self.class).replace("{slug}", &slug)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.repository().join(self.fill(path));
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, self.fill(text)).expect("written");
    }

    pub(crate) fn deletes(&self, path: &str) {
        fs::remove_file(self.repository().join(self.fill(path))).expect("deleted");
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) {
        let done = Command::new("git")
            .arg("-C")
            .arg(self.repository())
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub(crate) fn commits(&self, subject: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", subject]);
    }

    fn is_there(&self) {
        let api = "# API\n\n## The one\n\n### Set it up\n\n```plaintext\nPUT /OF/:id/integrations/{slug}\n```\n";
        self.lists("asana {name}");
        self.model("  def execute(data)\n  end\n\n  def test(data)\n  end\n");
        self.write("app/models/project.rb", "class Project\n  has_one :{name}_integration, class_name: 'Integrations::{class}'\nend\n");
        self.write(
            "db/docs/integrations.yml",
            "classes:\n- Integrations::Asana\n- Integrations::{class}\n",
        );
        self.write(
            "spec/models/integrations/{name}_spec.rb",
            "RSpec.describe Integrations::{class} do\nend\n",
        );
        self.write(
            "spec/factories/integrations.rb",
            "FactoryBot.define do\n  factory :{name}_integration do\n  end\nend\n",
        );
        self.write("doc/api/project_integrations.md", &api.replace("OF", "projects"));
        self.write("doc/api/group_integrations.md", &api.replace("OF", "groups"));
        self.docs("The one");
        self.metrics("status: active\n");
    }

    fn lists(&self, names: &str) {
        self.write(
            LISTS,
            &format!("module Integration\n  INTEGRATION_NAMES = %w[{names}].freeze\nend\n"),
        );
    }

    fn model(&self, body: &str) {
        let text =
            format!("module Integrations\n  class {{class}} < Integration\n{body}  end\nend\n");
        self.write("app/models/integrations/{name}.rb", &text);
    }

    fn docs(&self, title: &str) {
        self.write(
            "doc/user/project/integrations/{name}.md",
            &format!("---\nstage: none\ntitle: {title}\n---\n\nText.\n"),
        );
    }

    fn metrics(&self, status: &str) {
        for kind in KINDS {
            let text = format!("---\nkey_path: counts.{kind}_{{name}}_active\n{status}");
            let path =
                format!("config/metrics/counts_all/20210216175600_{kind}_{{name}}_active.yml");
            self.write(&path, &text);
        }
    }

    /// The removal is announced in the entry that the record names, and the page is marked.
    pub(crate) fn is_announced(&self, entry: &str, announced: &str, removal: &str) {
        let text = format!(
            "- title: \"The one\"\n  announcement_milestone: \"{announced}\"\n  removal_milestone: \"{removal}\"\n  \
             breaking_change: true\n  body: |\n    It leaves.\n"
        );
        self.write(entry, &text);
        self.docs("The one (deprecated)");
        self.commits("Announce the removal");
    }

    /// M.0, as the guidelines have it.
    pub(crate) fn is_removed(&self, milestone: &str) {
        self.lists("asana");
        self.model("");
        self.write("db/post_migrate/20260501000000_remove_{name}_records.rb", "class X\nend\n");
        self.docs("The one (removed)");
        self.write("doc/api/project_integrations.md", "# API\n");
        self.write("doc/api/group_integrations.md", "# API\n");
        let status = format!(
            "status: removed\nmilestone_removed: '{milestone}'\nremoved_by_url: https://gitlab.example.com/-/merge_requests/1\n"
        );
        self.metrics(&status);
        self.commits("Remove the integration");
    }

    /// M.1.
    pub(crate) fn is_cleaned_up(&self) {
        self.deletes("app/models/integrations/{name}.rb");
        self.deletes("spec/models/integrations/{name}_spec.rb");
        self.write("spec/factories/integrations.rb", "FactoryBot.define do\nend\n");
        self.write("app/models/project.rb", "class Project\nend\n");
        self.write("db/docs/integrations.yml", "classes:\n- Integrations::Asana\n");
        self.commits("Delete what remains");
    }

    pub(crate) async fn removals(&self, arguments: &[&str]) -> Ended {
        let mut command = steward(&self.repository(), &["removals", "--policies", "../policies"]);
        command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("COLUMNS", "100");
        run(command).await
    }

    /// What is told of the integration on a day.
    pub(crate) async fn on(&self, day: &str) -> Told {
        let ended = self.removals(&["--format", "json", "--today", day]).await.exits_with(0);
        let all: Value = serde_json::from_str(&ended.out()).expect("JSON");
        Told(all["removals"].as_array().and_then(|all| all.first()).expect("a removal").clone())
    }
}

/// What is told of an integration.
#[derive(Debug)]
pub(crate) struct Told(pub(crate) Value);

impl Told {
    /// The states of the three steps.
    pub(crate) fn states(&self) -> Vec<&str> {
        let steps = self.0["steps"].as_array().expect("steps");
        steps.iter().map(|step| step["state"].as_str().expect("a state")).collect()
    }

    /// What stands against it, by the keys of the rows.
    pub(crate) fn against(&self) -> Vec<&str> {
        keys(&self.0["against"])
    }

    /// What is missing of a step, by the keys of the rows.
    pub(crate) fn missing(&self, step: usize) -> Vec<&str> {
        keys(&self.0["steps"][step]["missing"])
    }
}

fn keys(rows: &Value) -> Vec<&str> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row["key"].as_str().expect("a key")).collect()
}
