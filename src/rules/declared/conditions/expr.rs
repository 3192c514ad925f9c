//! `when_expr`: a condition in CEL.

use super::{At, Truth};
use crate::pack::rules::{Expr, ExprFacts, ExprIntegration, ExprItem, ExprVotes};

/// Whether the expression holds. What cannot be worked out nobody can tell.
pub(in crate::rules::declared) fn holds(expr: &Expr, at: &At<'_, '_>) -> Truth {
    let mut integrations = Vec::new();
    if expr.asks_integrations() {
        let Some(about) = at.about() else { return Truth::CannotTell };
        if about.cut {
            return Truth::CannotTell;
        }
        integrations.extend(about.found.iter().map(|one| ExprIntegration {
            key: one.integration.key.as_str(),
            name: &one.integration.name,
            category: &one.integration.category,
            kind: one.integration.kind,
            lifecycle: one.integration.lifecycle,
            group: one.owner.key.as_str(),
        }));
    }
    let votes = match expr.asks_votes() {
        true => match at.votes() {
            Some(votes) => Some(votes),
            None => return Truth::CannotTell,
        },
        false => at.view.snapshot.votes,
    };
    let snapshot = at.view.snapshot;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let facts = ExprFacts {
        item: ExprItem {
            kind: snapshot.subject.kind,
            project: &snapshot.subject.project,
            number: number(snapshot.subject.number),
            title: &snapshot.title,
            description: start_of(&snapshot.description),
            state: snapshot.state,
            draft: snapshot.draft,
            labels: at.labels().map(|(label, _)| label.as_str()).collect(),
            milestone: snapshot.milestone.as_ref().map_or("", |one| one.title.as_str()),
            author: &snapshot.author.username,
            assignees: snapshot.assignees.iter().map(|one| one.username.as_str()).collect(),
            votes: votes.map(|all| ExprVotes { up: number(all.up), down: number(all.down) }),
            weight: snapshot.weight.map(number),
            confidential: snapshot.confidential,
            created_at: snapshot.created_at.timestamp(),
            updated_at: at.view.active_at().timestamp(),
        },
        integrations,
        now: at.view.now.timestamp(),
    };
    expr.holds(&facts).map_or(Truth::CannotTell, Truth::from)
}

/// The longest description that an expression is given, in bytes. GitLab takes a million characters,
/// and each `+` or `contains` in a loop goes through all of them.
const LONGEST: usize = 64 * 1024;

fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks_expr};
    use crate::{
        model::Facet,
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("'bug' in item.labels && item.votes.up >= 3", Yes)]
    #[case("now - item.created_at > 39 * 86400", Yes)]
    #[case("now - item.updated_at > 39 * 86400", No)]
    #[case("item.title.matches('^(?i)it')", Yes)]
    #[case("item.labels.exists(l, l.startsWith('b'))", Yes)]
    #[case("integrations.exists(i, i.key == 'jira' && i.group == 'project_management')", Yes)]
    // The weight is null on this item: nobody can tell.
    #[case("item.weight > 1", CannotTell)]
    #[case("item.weight != null && item.weight > 1", No)]
    #[case("item.state == 'open' && item.kind == 'issue'", Yes)]
    fn an_expression_is_worked_out(#[case] expr: &str, #[case] truth: Truth) {
        let item =
            Made::issue().labels(&["bug", "Integration::Jira"]).votes(3, 0).texts("It is", "");
        assert_eq!(asks_expr(expr, &item), truth);
    }

    #[test]
    fn files_are_read_only_for_integrations() {
        let request = Made::merge_request();
        assert_eq!(request.needs_expr("size(integrations) > 0"), [Facet::Changes]);
        assert_eq!(request.needs_expr("item.draft"), []);
    }

    #[test]
    fn of_a_long_description_the_start_is_given() {
        let text = format!("{}ä the end", "x".repeat(super::LONGEST - 1));
        let made = Made::issue().texts("It is", &text);
        let asks = |expr: &str| asks_expr(expr, &made);
        assert_eq!(asks("size(item.description) == 65535"), Yes);
        assert_eq!(asks("item.description.contains('the end')"), No);
    }
}
