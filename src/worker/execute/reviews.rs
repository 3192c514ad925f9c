//! Asking for reviews, all of one plan in one call. Whom the forge does not let Steward ask is no reason
//! to leave the rest undone.

use super::{Executed, fields};
use crate::{
    forge::{Forge, ReviewAsk, ReviewsRefused},
    model::{Applied, Effect, Ledger, Plan},
    store::AuditState,
};

/// Whom the forge did not let Steward ask, and at which commit.
pub(super) struct Refused {
    whom: ReviewsRefused,
    head: String,
}

/// Asks, and answers who was refused.
pub(super) async fn request(forge: &dyn Forge, plan: &Plan, run: &mut Executed) -> Option<Refused> {
    let mut positions = Vec::new();
    let mut ask = ReviewAsk::default();
    let mut newest = String::new();
    for (position, action) in plan.actions.iter().enumerate() {
        let Effect::ReviewRequested { people, teams, besides, head } = &action.effect else {
            continue;
        };
        ask.people.extend(people.iter().cloned());
        ask.teams.extend(teams.iter().cloned());
        ask.besides.clone_from(besides);
        newest.clone_from(head);
        positions.push(position);
    }
    if positions.is_empty() {
        return None;
    }
    if run.error.is_some() {
        positions.into_iter().for_each(|position| run.not_tried(position));
        return None;
    }
    let refused = match forge.request_review(&plan.subject, &ask).await {
        Ok(refused) => refused,
        Err(error) => {
            run.settle_call(&positions, Err(error));
            return None;
        }
    };
    for position in positions {
        let effect = plan.actions.get(position).map(|action| &action.effect);
        let Some(Effect::ReviewRequested { people, teams, .. }) = effect else { continue };
        let left_out = people.iter().filter(|one| refused.people.contains(one)).count()
            + teams.iter().filter(|one| refused.teams.contains(one)).count();
        let all = left_out == people.len() + teams.len();
        let state = if all { AuditState::Failed } else { AuditState::Applied };
        run.settle(position, state, (left_out > 0).then(|| refused.why.clone()), None);
    }
    fields::adopt(plan, (9, ""), run);
    let is_refused = !refused.people.is_empty() || !refused.teams.is_empty();
    is_refused.then_some(Refused { whom: refused, head: newest })
}

/// Keeps in mind who was refused: they were not asked, and are not until there is another commit.
pub(super) fn remember(refused: Refused, ledger: &mut Ledger) {
    let Refused { whom, head } = refused;
    let (mut people, mut teams) =
        (whom.people.iter().map(Into::into).collect::<Vec<_>>(), whom.teams);
    for applied in &mut ledger.applied {
        match applied {
            Applied::ReviewRequested { people: asked, teams: asked_teams } => {
                asked.retain(|one| !whom.people.iter().any(|person| person.id == one.id));
                asked_teams.retain(|one| !teams.contains(one));
            }
            Applied::ReviewRefused { people: before, teams: before_teams, head: at }
                if *at == head =>
            {
                people.append(before);
                teams.append(before_teams);
            }
            _ => {}
        }
    }
    ledger.applied.retain(|applied| match applied {
        Applied::ReviewRequested { people, teams } => !people.is_empty() || !teams.is_empty(),
        Applied::ReviewRefused { .. } => false,
        _ => true,
    });
    ledger.applied.push(Applied::ReviewRefused { people, teams, head });
}
