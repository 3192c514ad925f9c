//! A check in SARIF.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    place::{self, Place, Weight, weight},
    sheets::Checked,
};
use crate::{
    cli::sarif::{self, fingerprint},
    model::{Need, Row, Sheet},
};

pub(super) fn told(checked: &Checked<'_>) -> Value {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for sheet in &checked.sheets {
        for row in &sheet.rows {
            rules.entry(place::rule_id(sheet, row)).or_insert_with(|| rule(sheet, row));
            results.extend(weight(row).map(|weight| result(checked, sheet, row, weight)));
        }
    }
    sarif::log(rules.into_values().collect(), results)
}

fn rule(sheet: &Sheet, row: &Row) -> Value {
    let level = match row.need {
        Need::Required => "error",
        Need::Advice => "note",
    };
    let mut rule = json!({
        "id": place::rule_id(sheet, row),
        "shortDescription": { "text": row.title },
        "defaultConfiguration": { "level": level },
        "properties": { "section": row.section, "policy": row.cite.to_string() },
    });
    if let Some(page) = &row.cites {
        rule["helpUri"] = json!(page);
    }
    rule
}

fn result(checked: &Checked<'_>, sheet: &Sheet, row: &Row, weight: Weight) -> Value {
    let level = match weight {
        Weight::Missing => "error",
        Weight::CannotTell => "warning",
        Weight::Advice => "note",
    };
    let mut text = place::message(checked, sheet, row);
    if let Some(hint) = &row.hint {
        text.push_str(". ");
        text.push_str(hint);
    }
    let places = place::places(checked, sheet, row);
    let (first, more) = places.split_at(places.len().min(1));
    let id = place::rule_id(sheet, row);
    let mut result = json!({
        "ruleId": id,
        "level": level,
        "message": { "text": text },
        "locations": first.iter().map(location).collect::<Vec<_>>(),
        // Lines move and words change: a row of an integration stays the same row.
        "partialFingerprints": { "row/v1": fingerprint(&[&id, &sheet.name]) },
    });
    if !more.is_empty() {
        result["relatedLocations"] = more.iter().map(location).collect();
    }
    result
}

fn location(place: &Place<'_>) -> Value {
    sarif::location(place.file, place.line, None)
}
