//! Pieces that a machine writes make the rows pass that miss them.

use std::collections::BTreeSet;

use super::{Change, cases};
use crate::model::{Piece, PiecePlace, RowStatus, Sheet};

/// Puts all pieces of a sheet into place.
fn put(change: &Change, sheet: &Sheet) -> Change {
    let mut patched = change.clone();
    for Piece { path, place, text } in sheet.rows.iter().flat_map(|row| &row.ready) {
        match place {
            PiecePlace::NewFile => {
                assert!(patched.files.insert(path.clone(), text.clone()).is_none(), "{path}");
            }
            PiecePlace::Before(line) => {
                let file = patched.files.get_mut(path).expect("there");
                let at = file.split_inclusive('\n').take(*line as usize - 1).map(str::len).sum();
                file.insert_str(at, text);
            }
        }
    }
    patched
}

/// A change that adds the class and the code around it alone.
fn bare(change: &Change) -> Change {
    let mut bare = change.clone();
    let is_gone = |path: &str| {
        path.contains("config/metrics/")
            || path.contains("spec/models/")
            || (path.starts_with("doc/user/") && !path.ends_with("_index.md"))
    };
    bare.files.retain(|path, _| !is_gone(path));
    for path in [
        "spec/factories/integrations.rb",
        "spec/lib/gitlab/import_export/all_models.yml",
        "db/docs/integrations.yml",
        "doc/api/project_integrations.md",
        "doc/api/group_integrations.md",
        "app/models/project.rb",
    ] {
        bare.files.insert(path.to_owned(), super::base()[path].clone());
    }
    bare
}

#[test]
fn what_a_machine_writes_makes_the_rows_pass() {
    for (case, change) in cases() {
        let change = bare(change);
        let sheet = change.sheet();
        let ready: BTreeSet<&str> =
            sheet.rows.iter().filter(|row| !row.ready.is_empty()).map(|row| &*row.key).collect();
        let wanted = [
            "docs_page",
            "factory",
            "import_export",
            "metrics_groups",
            "metrics_groups_inheriting",
            "metrics_instances",
            "metrics_projects",
            "metrics_projects_inheriting",
            "model_spec",
            "table_docs",
        ];
        for key in wanted {
            assert!(ready.contains(key), "{case}: no piece for {key}");
        }
        let patched = put(&change, &sheet).sheet();
        for row in &patched.rows {
            let was_missing = sheet.rows.iter().any(|had| {
                had.key == row.key && had.status == RowStatus::Missing && !had.ready.is_empty()
            });
            if was_missing || row.key == "docs_front_matter" {
                assert_eq!(row.status, RowStatus::Pass, "{case}: {}", super::told(row));
            }
            assert_eq!(row.ready, [], "{case}: {}", row.key);
        }
        assert!(patched.rows.iter().all(|row| row.status != RowStatus::CannotTell), "{case}");
    }
}

/// One of each, as people see them.
#[test]
fn the_pieces_of_an_integration() {
    let sheet = bare(&cases()["mill_ci"]).sheet();
    let shown: Vec<String> = sheet
        .rows
        .iter()
        .flat_map(|row| &row.ready)
        .map(|piece| {
            let place = match piece.place {
                PiecePlace::NewFile => "new".to_owned(),
                PiecePlace::Before(line) => format!("before line {line}"),
            };
            format!("=== {} ({place})\n{}", piece.path, piece.text)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}
