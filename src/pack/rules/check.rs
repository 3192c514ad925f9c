//! What must be true of a rule before it is taken. Each mistake points at its place.

use super::{
    CheckItem, Expr, Mode, RuleFile, Target, Then, ThenComment, check_condition, check_review,
    expr::Mistake,
    known::Known,
    load::{Layers, all_kinds, does_something},
    rule::Rule,
};
use crate::{
    model::{LabelName, SubjectKind, Topic},
    policy::{Located, OneOrMany, PolicyError, PolicyErrors, SourceFile, Span, nearest},
    words::Words,
};

/// Checks rules and gathers what is wrong.
pub(super) struct Checker<'k, 'w> {
    known: &'k Known<'k>,
    words: Option<&'w mut Words>,
    pub(super) errors: PolicyErrors,
}

impl<'k, 'w> Checker<'k, 'w> {
    pub(super) fn new(
        known: &'k Known<'k>,
        words: Option<&'w mut Words>,
        errors: PolicyErrors,
    ) -> Self {
        Self { known, words, errors }
    }

    /// The same key twice where neither layer is above the other.
    pub(super) fn twice(
        &mut self,
        file: &SourceFile,
        key: &Located<String>,
        first_file: &SourceFile,
        first: &Located<String>,
    ) {
        let error = key
            .error(file, format!("the rule `{}` is defined already", key.value))
            .with_help(format!("first at {}:{}", first_file.display_name(), first.line()));
        self.errors.push(error);
    }

    /// What is wrong with the fields of a rule, each by itself.
    pub(super) fn rule_by_itself(
        &mut self,
        file: &SourceFile,
        key: &Located<String>,
        rule: &RuleFile,
    ) {
        if !is_key(key) {
            self.errors.push(key.error(file, format!("`{}` is not a key", key.value)).with_help(
                Some("keys are written in snake_case: a-z, 0-9 and _, first a letter".to_owned()),
            ));
        }
        if let Some(about) = &rule.about {
            self.one_line(file, about, "sentence in `about`");
        }
        if let Some(on) = rule.on.as_ref().filter(|on| on.is_empty()) {
            self.errors.push(
                on.error(file, "`on` names no kind of item")
                    .with_help(Some("leave it out to look at all kinds".to_owned())),
            );
        }
        if let Some(when) = &rule.when {
            check_condition::check(file, when, self.known.names(), &mut self.errors);
        }
        if let Some(then) = &rule.then {
            self.then(file, key, then);
        }
        for group in rule.canary.iter().flat_map(|canary| &canary.groups) {
            if let Some(names) = self.known.names() {
                check_condition::must_be_known(
                    file,
                    group,
                    "group",
                    &names.groups,
                    &mut self.errors,
                );
            }
        }
        if let Some(canary) = &rule.canary
            && canary.groups.is_empty()
            && canary.projects.is_empty()
        {
            self.errors.push(
                canary
                    .error(file, "`canary` names neither a group nor a project")
                    .with_help(Some("name where the rule acts first".to_owned())),
            );
        }
        if let Some(cites) = &rule.cites {
            let good = url::Url::parse(&cites.url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !good {
                let message = format!("`{}` is not a web address", cites.url.value);
                self.errors.push(cites.url.error(file, message));
            }
        }
    }

    /// What is wrong with a rule once its layers are put together.
    pub(super) fn rule_as_whole(&mut self, layers: &Layers<'_>) {
        let Some(place) = layers.place() else { return };
        let about = layers.field(|rule| rule.about.as_ref());
        let when = layers.field(|rule| rule.when.as_ref());
        let expr = layers.field(|rule| rule.when_expr.as_ref());
        let then = layers.field(|rule| rule.then.as_ref());
        let mut missing = Vec::new();
        if about.is_none() {
            missing.push(("about", "say in one sentence what the rule is for"));
        }
        if when.is_none() && expr.is_none() {
            missing.push(("when", "say when the rule holds, with `when` or `when_expr`"));
        }
        if then.is_none() {
            missing.push(("then", "say what shall be while the rule holds"));
        }
        for (field, help) in missing {
            let message = format!("the rule `{}` has no `{field}`", place.key.value);
            self.errors.push(place.key.error(place.file, message).with_help(Some(help.to_owned())));
        }
        let on = layers.field(|rule| rule.on.as_ref());
        let kinds = on.map_or_else(all_kinds, |(on, _)| on.value.clone());
        let requests = kinds.contains(&SubjectKind::MergeRequest);
        if let (Some((when, file)), false) = (when, requests) {
            check_condition::for_merge_requests(file, when, &mut self.errors);
        }
        if let (Some((then, file)), false) = (then, requests) {
            if let Some(status) = &then.status {
                self.errors.push(
                    status
                        .name
                        .error(file, "only merge requests have a status, and `on` leaves them out")
                        .with_help(Some("add `merge_request` to `on`".to_owned())),
                );
            }
            if let Some(review) = &then.request_review {
                let message = "only merge requests are reviewed, and `on` leaves them out";
                let help = Some("add `merge_request` to `on`".to_owned());
                self.errors.push(review.error(file, message).with_help(help));
            }
            for done in then.checklist.iter().filter_map(|item| item.done.as_ref()) {
                check_condition::for_merge_requests(file, done, &mut self.errors);
            }
        }
        if let Some((then, file)) = then {
            self.text(file, &place.key.value, then);
        }
        self.mode(layers);
    }

    fn mode(&mut self, layers: &Layers<'_>) {
        let mode = layers.field(|rule| rule.mode.as_ref());
        let canary = layers.field(|rule| rule.canary.as_ref());
        match (mode, canary) {
            (Some((mode, file)), None) if mode.value == Mode::Canary => self.errors.push(
                mode.error(file, "`mode: canary` needs `canary`, which says where the rule acts")
                    .with_help(Some("add `canary:` with `groups` or `projects`".to_owned())),
            ),
            // Whoever switches a canary on need not repeat where it acted.
            (mode, Some((canary, file)))
                if mode.is_none_or(|(mode, of)| {
                    mode.value != Mode::Canary && std::ptr::eq(of, file)
                }) =>
            {
                self.errors.push(
                    canary
                        .error(file, "`canary` counts with `mode: canary` only")
                        .with_help(Some("add `mode: canary`, or leave `canary` out".to_owned())),
                );
            }
            _ => {}
        }
    }

    /// The checked program of a rule; `None` after a mistake, which is told.
    pub(super) fn expr(&mut self, file: &SourceFile, source: &Located<String>) -> Option<Expr> {
        match Expr::read(source, source.line()) {
            Ok(expr) => Some(expr),
            Err(Mistake { message, word, at, help }) => {
                let span = word
                    .and_then(|word| within(file, source.span, &word))
                    .or_else(|| at_byte(file, source, at?))
                    .unwrap_or(source.span);
                self.errors.push(PolicyError::new(file, span, message).with_help(help));
                None
            }
        }
    }

    fn then(&mut self, file: &SourceFile, key: &Located<String>, then: &Located<Then>) {
        if !does_something(then) {
            self.errors.push(then.error(file, "`then` asks for nothing").with_help(Some(
                "name what shall be while the rule holds: `labels`, `comment`, ...".to_owned(),
            )));
        }
        if let Some(labels) = &then.labels {
            labels.add.iter().for_each(|label| self.label(file, label));
            self.one_of_a_scope(file, &labels.add);
            for pattern in &labels.remove {
                let added = labels.add.iter().find(|label| pattern.fits(label));
                if let Some(label) = added {
                    let message = format!(
                        "`{}` would take off `{}`, which `add` sets",
                        pattern.value, label.value
                    );
                    let error = PolicyError::new(file, pattern.span, message);
                    self.errors.push(error.with_help(added_at(file, label)));
                }
            }
        }
        if let Some(comment) = &then.comment {
            self.comment(file, key, comment);
        }
        if let Some(assign) = &then.assign {
            self.assign(file, assign);
        }
        for targets in [&then.mention, &then.assign].into_iter().flatten() {
            self.handles(file, targets);
        }
        if let Some(review) = &then.request_review {
            check_review::check(file, review, &mut self.errors);
        }
        if let Some(milestone) = &then.milestone {
            self.one_line(file, milestone, "milestone");
        }
        if let Some(status) = &then.status {
            self.one_line(file, &status.name, "name of the status");
            let text = Located { value: status.text.clone(), span: status.name.span };
            self.one_line(file, &text, "text of the status");
        }
        for CheckItem { text, done } in &then.checklist {
            self.one_line(file, text, "line of the checklist");
            if let Some(done) = done {
                check_condition::check(file, done, self.known.names(), &mut self.errors);
            }
        }
        if let Some(close) = &then.close {
            if close.at_most_a_day == 0 {
                self.errors.push(close.error(file, "`at_most_a_day` must be at least 1"));
            }
            if then.comment.is_none() {
                self.errors.push(
                    close
                        .error(file, "a rule that closes items must say why in a `comment`")
                        .with_help(Some("add `comment:` with `text` or `template`".to_owned())),
                );
            }
        }
    }

    fn comment(&mut self, file: &SourceFile, key: &Located<String>, comment: &ThenComment) {
        if let Some(topic) = &comment.topic {
            match topic.parse::<Topic>() {
                Err(error) => self.errors.push(topic.error(file, error.to_string())),
                Ok(name) if name.is_reserved() => self.errors.push(
                    topic
                        .error(file, format!("the topic `{name}` is Steward's own"))
                        .with_help(Some("choose another name, or leave it out".to_owned())),
                ),
                Ok(_) => {}
            }
        }
        match (&comment.text, &comment.template) {
            (None, None) => self.errors.push(
                key.error(file, format!("the comment of `{}` says nothing", key.value))
                    .with_help(Some("add `text` or `template` to `comment`".to_owned())),
            ),
            (Some(_), Some(template)) => self.errors.push(
                template
                    .error(file, "a comment has `text` or `template`, not both")
                    .with_help(Some("leave one of them out".to_owned())),
            ),
            (Some(text), None) if text.trim().is_empty() => {
                self.errors.push(text.error(file, "the text is empty"));
            }
            // It becomes a template once it is known which layer's counts.
            (Some(_), None) => {}
            (None, Some(template)) => self.template(file, template),
        }
    }

    /// Makes the text of a rule a template. What it does not show itself of `mention` and
    /// `checklist` stands before and behind it.
    fn text(&mut self, file: &SourceFile, key: &str, then: &Then) {
        let text = then.comment.as_ref().and_then(|comment| comment.text.as_ref());
        let (Some(text), Some(words)) = (text, self.words.as_deref_mut()) else { return };
        let name = Rule::inline_template(key);
        let found = words.inline(&name, text, text, file);
        if !found.is_empty() {
            return self.errors.extend(found);
        }
        let before = match then.mention.is_some() && !shows(text, "mention") {
            true => "{{#if mention}}{{{mention}}}: {{/if}}",
            false => "",
        };
        let behind = match !then.checklist.is_empty() && !shows(text, "checklist") {
            true => "\n\n{{> rules/checklist}}",
            false => "",
        };
        if !(before.is_empty() && behind.is_empty()) {
            let whole = format!("{before}{}{behind}", text.trim_end());
            self.errors.extend(words.inline(&name, &whole, text, file));
        }
    }

    fn template(&mut self, file: &SourceFile, template: &Located<String>) {
        let Some(words) = self.words.as_deref() else { return };
        if words.names().any(|name| name == template.value) {
            return;
        }
        let near = nearest(template, words.names()).map(|near| format!("did you mean `{near}`?"));
        let help = near
            .unwrap_or_else(|| format!("templates are files: `templates/{}.hbs`", template.value));
        self.errors.push(
            template
                .error(file, format!("there is no template `{}`", template.value))
                .with_help(Some(help)),
        );
    }

    fn assign(&mut self, file: &SourceFile, targets: &Located<OneOrMany<Target>>) {
        for target in targets.iter() {
            let message = match target {
                Target::Assignees => "`assignees` have the item already",
                Target::Handle(handle) if handle.contains('/') => "a group cannot have an item",
                _ => continue,
            };
            self.errors.push(
                targets
                    .error(file, message)
                    .with_help(Some("name `author`, `owners` or a person's handle".to_owned())),
            );
        }
    }

    fn handles(&mut self, file: &SourceFile, targets: &Located<OneOrMany<Target>>) {
        for target in targets.iter() {
            let Target::Handle(handle) = target else { continue };
            if !handle.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c)) {
                self.errors.push(
                    targets.error(file, format!("`@{handle}` is not a handle")).with_help(Some(
                        "handles have letters, digits, `_`, `.`, `-` and, for groups, `/`"
                            .to_owned(),
                    )),
                );
            }
        }
    }

    /// An item has one label of a scope at the most: two would drive each other out.
    fn one_of_a_scope(&mut self, file: &SourceFile, labels: &[Located<String>]) {
        let name = |label: &Located<String>| LabelName::new(label.as_str());
        for (at, label) in labels.iter().enumerate() {
            let other = labels[..at].iter().find(|first| {
                name(first).shares_scope(&name(label)) && !name(first).same(&name(label))
            });
            if let Some(first) = other {
                let message = format!(
                    "`{}` and `{}` are of one scope, of which an item has one label only",
                    first.value, label.value
                );
                self.errors.push(label.error(file, message).with_help(added_at(file, first)));
            }
        }
    }

    fn label(&mut self, file: &SourceFile, label: &Located<String>) {
        self.one_line(file, label, "label");
        if label.contains(',') {
            self.errors.push(
                label
                    .error(file, "a label cannot hold a comma")
                    .with_help(Some("the forges' APIs separate labels by commas".to_owned())),
            );
        }
    }

    fn one_line(&mut self, file: &SourceFile, value: &Located<String>, what: &str) {
        if value.trim().is_empty() {
            self.errors.push(value.error(file, format!("the {what} is empty")));
        } else if value.trim() != value.value || value.chars().any(char::is_control) {
            self.errors.push(value.error(
                file,
                format!("the {what} has spaces at an end, line breaks or control characters"),
            ));
        }
    }
}

/// Where the label stands that another part of the rule meets.
fn added_at(file: &SourceFile, label: &Located<String>) -> Option<String> {
    Some(format!("`{}` stands at {}:{}", label.value, file.display_name(), label.line()))
}

/// Whether a text asks for a fact itself: in `{{}}`, since `the checklist below` is only words.
fn shows(text: &str, fact: &str) -> bool {
    let asks = |inner: &str| inner.split(|c: char| !c.is_alphanumeric()).any(|word| word == fact);
    text.split("{{").skip(1).any(|part| asks(part.split("}}").next().unwrap_or(part)))
}

/// Whether a text is a key of the policies: snake case, first a letter.
pub(in crate::pack) fn is_key(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The place of a byte of a text; `None` where the file writes the text in other lines.
fn at_byte(file: &SourceFile, text: &Located<String>, at: usize) -> Option<Span> {
    let Span { offset, len, .. } = text.span;
    let written = file.text.get(offset..offset + len)?.find(text.value.trim_end())?;
    let rest = text.get(at..)?;
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
    // Behind the end there is nothing to underline but the last sign.
    let at =
        if rest.trim().is_empty() { text.trim_end().char_indices().next_back()?.0 } else { at };
    Some(Span::at(&file.text, offset + written + at, word.max(1)))
}

/// The place of a word in a text of the file, as a word of its own.
pub(super) fn within(file: &SourceFile, span: Span, word: &str) -> Option<Span> {
    let text = file.text.get(span.offset..)?;
    // A mapping is known by its first letter only: what is looked for stands soon after.
    const NEAR: usize = 2000;
    let text = &text[..text.floor_char_boundary(span.len.max(NEAR))];
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut places = text.match_indices(word).map(|(at, _)| at);
    let at = places.find(|at| {
        let before = text[..*at].chars().next_back().is_some_and(in_word);
        let after = text[at + word.len()..].chars().next().is_some_and(in_word);
        !before && !after
    })?;
    Some(Span::at(&file.text, span.offset + at, word.len()))
}
