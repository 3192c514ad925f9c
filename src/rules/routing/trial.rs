//! `mode` in `routing.yml`: what routing would do is recorded, and what it did earlier stays.

use crate::{
    model::{Because, Reason, Shadow},
    rules::{Post, View, Wanted},
};

/// Routing asks for nothing.
pub(super) fn rests(mode: &str) -> Wanted<'static> {
    let because = Because::RoutingRests { mode: mode.to_owned() };
    let idle = Some(Reason { rule: "routing".into(), cite: None, because });
    Wanted { keep_others: true, idle, ..Wanted::default() }
}

/// What routing would do.
pub(super) fn of<'a>(view: &View<'a>, wanted: Wanted<'a>) -> Wanted<'a> {
    let missing = wanted.labels.into_iter().filter(|one| view.snapshot.label(&one.name).is_none());
    let mut shadow: Vec<Shadow> = missing
        .map(|one| Shadow { would: format!("labels: add {}", one.name), reason: one.reason })
        .collect();
    let news = !shadow.is_empty();
    for comment in wanted.comments {
        let worth_it = match comment.post {
            Post::Always => true,
            Post::WhenThereIsNews => news,
            Post::Never => false,
        };
        if worth_it {
            let templates: Vec<&str> =
                comment.sections.iter().map(|section| &*section.template).collect();
            let would = format!("comment: {}", templates.join(", "));
            shadow.push(Shadow { would, reason: comment.reason });
        }
    }
    Wanted { shadow, ..rests("shadow") }
}
