//! The sheet for a change that touches an integration that is there already.

use super::{base, cases, told};
use crate::model::{RowStatus, Sheet};

const CODE: &str = "app/models/integrations/abacus.rb";

/// An integration of the base, as it was before.
const OLD: &str = "\
# frozen_string_literal: true

module Integrations
  class Abacus < Integration
    prop_accessor :room

    field :api_key
    field :url

    def execute(data)
      Gitlab::HTTP.post(url, body: data)
    end
  end
end
";

/// A change of the old integration to this, in whose files more may be changed.
fn change(now: &str, more: &[(&str, &str)], labels: &[&str]) -> Vec<Sheet> {
    let mut change = cases()["beacon"].clone();
    change.files = base().clone();
    change.files.insert(CODE.into(), now.into());
    for (path, text) in more {
        change.files.insert((*path).to_owned(), (*text).to_owned());
    }
    change.labels = labels.iter().map(|label| (*label).to_owned()).collect();
    change.before.insert(CODE.into(), OLD.into());
    change.sheets()
}

fn statuses(sheets: &[Sheet]) -> Vec<(&str, RowStatus)> {
    assert_eq!(sheets.len(), 1, "{sheets:#?}");
    assert_eq!((&*sheets[0].checklist, &*sheets[0].name), ("changed-integration", "abacus"));
    sheets[0].rows.iter().map(|row| (row.key.as_str(), row.status)).collect()
}

#[test]
fn what_was_there_before_is_left_alone() {
    let now =
        OLD.replace("  field :url\n", "  field :url\n    field :room_secret, type: :password\n");
    let sheets = change(&now, &[], &[]);
    use RowStatus::{Missing, Pass};
    assert_eq!(
        statuses(&sheets),
        [
            ("secrets_hidden", Pass),
            ("http_client", Pass),
            ("accessors", Pass),
            ("metrics_untouched", Pass),
            ("docs_moved_along", Missing),
            ("spec_moved_along", Missing),
        ]
    );
}

#[test]
fn what_is_new_is_looked_at() {
    let now = OLD.replace(
        "  field :url\n",
        "  field :url\n    field :token\n    data_field :other\n    Net::HTTP.get(url)\n",
    );
    let more = [
        ("config/metrics/counts_all/1_groups_abacus_active.yml", "a: 1\n"),
        ("doc/user/project/integrations/abacus.md", "# Abacus\n"),
        ("spec/models/integrations/abacus_spec.rb", "\n"),
    ];
    let sheets = change(&now, &more, &[]);
    use RowStatus::{CannotTell, Missing, Pass};
    assert_eq!(
        statuses(&sheets),
        [
            ("secrets_hidden", Missing),
            ("http_client", Missing),
            ("accessors", Missing),
            ("metrics_untouched", CannotTell),
            ("docs_moved_along", Pass),
            ("spec_moved_along", Pass),
        ]
    );
    let first = sheets[0].rows.iter().map(told).collect::<Vec<_>>();
    assert!(
        first[0].contains("NotFound token (None) app/models/integrations/abacus.rb:9"),
        "{first:#?}"
    );
    assert!(first[1].contains("Forbidden Net::HTTP"), "{first:#?}");
    assert!(first[2].contains("Forbidden data_field"), "{first:#?}");
}

#[test]
fn a_change_that_the_other_checklist_is_for_has_no_second_sheet() {
    let now = OLD.replace("prop_accessor :room", "field :room");
    let of = |sheets: Vec<Sheet>| -> Vec<String> {
        sheets.into_iter().map(|sheet| format!("{} {}", sheet.checklist, sheet.name)).collect()
    };
    assert_eq!(of(change(&now, &[], &[])), ["changed-integration abacus"]);
    let labelled = change(&now, &[], &["Integration::New"]);
    assert_eq!(of(labelled), ["new-integration abacus"]);
    let added = [("app/models/integrations/bolt.rb", "class Bolt\nend\n")];
    assert_eq!(of(change(&now, &added, &[])), ["new-integration bolt"]);
    let base = [("app/models/integrations/base/bolt.rb", "")];
    assert_eq!(of(change(&now, &base, &[])), ["changed-integration abacus"]);
}
