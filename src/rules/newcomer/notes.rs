//! Notes on the lines that rows of a sheet are about, for forges that show them beside the code.

use crate::{
    model::{Annotation, Need, RowStatus, Sheet, Weight},
    rules::View,
    words::Style,
};

/// A note for each line that a missing row was proven by, those of required rows first.
pub(super) fn annotations(view: &View<'_>, sheets: &[Sheet]) -> Vec<Annotation> {
    let mut notes = Vec::new();
    for weight in [Weight::Required, Weight::Advice] {
        for sheet in sheets {
            let its = |need: Need| match need {
                Need::Required => Weight::Required,
                Need::Advice => Weight::Advice,
            };
            let missing = sheet
                .rows
                .iter()
                .filter(|row| row.status == RowStatus::Missing && its(row.need) == weight);
            for row in missing {
                let seen = row.proofs.iter().filter_map(|proof| {
                    // A pattern is no file.
                    let path = proof.file.as_deref().filter(|file| !file.contains(['*', '{']))?;
                    Some(Annotation {
                        path: path.to_owned(),
                        line: proof.line.filter(|line| *line > 0)?,
                        weight,
                        title: format!("{}: {}", sheet.title, row.title),
                        message: view.pack.words.proof(proof, Style::Plain),
                    })
                });
                notes.extend(seen);
            }
        }
    }
    notes
}
