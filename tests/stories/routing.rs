//! Who owns an integration, told on the item.

use rstest::rstest;
use steward::{
    forgesim::{Face, SimSettings},
    model::Because,
    store::AuditState,
};

use crate::world::{BOT, NESTED, World, signing};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_of_a_labelled_issue_is_set_and_told_once(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_issue("Jira transitions fail");
    forge.rests().await;
    forge.shows(issue).has_just(&[]).no_comment();

    forge.anna().labels(issue, "Integration::Jira");
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_just(&["Integration::Jira", "group::project management", "devops::plan"]);
    let said = shown.one_comment().says("Jira issue integration").says("your group owns");

    forge.ben().comments(issue, "Same here.");
    forge.ben().comments(issue, "Since the last update.");
    forge.rests().await;
    assert_eq!(forge.shows(issue).one_comment().body, said.body);
    let applied = forge.audited(issue, AuditState::Applied).await;
    assert_eq!(applied, ["label_present", "label_present", "comment_posted"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_that_is_opened_with_its_label_is_routed_too(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.ben().opens_labelled("Builds hang", &["bug", "Integration::Jenkins"]);
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_labels(&["bug", "group::pipeline execution", "devops::verify"]);
    shown.one_comment().says("Jenkins");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_request_is_recognised_by_the_files_it_changes(#[case] face: Face) {
    let forge = World::on(face).await;
    let request = forge
        .ben()
        .opens_merge_request("Accept self-signed", &["app/models/integrations/harbor.rb", "a.rb"]);
    forge.rests().await;
    let shown = forge.shows(request);
    shown.has_just(&["Integration::Harbor", "devops::package", "group::container registry"]);
    shown.one_comment().says("app/models/integrations/harbor.rb").says(forge.merge_request());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_of_the_pen_is_asked_about_with_the_nearest_names(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("No sync", &["Integration::Jirra"]);
    forge.rests().await;
    forge.shows(issue).has_just(&["Integration::Jirra"]);
    let asked = forge.shows(issue).one_comment().says("Integration::Jira").says("Did you mean");

    forge.anna().labels(issue, "Integration::Jira");
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_labels(&["Integration::Jira", "group::project management", "devops::plan"]);
    let answered = shown.one_comment().does_not_say("Did you mean");
    assert_eq!(answered.id, asked.id, "the comment is edited in place");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_that_nobody_owns_goes_to_the_closest_group(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge
        .anna()
        .opens_labelled("A messenger for the whole company", &["Integration::Zorgle9000"]);
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_labels(&["group::project management", "devops::plan"]);
    shown.one_comment().says("closest").says("`messenger`");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_integration_without_any_sign_is_asked_about(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("It is slow", &["Integration::Zorgle9000"]);
    forge.rests().await;
    forge.shows(issue).has_just(&["Integration::Zorgle9000"]);
    forge.shows(issue).one_comment().says("No name in the catalog is similar");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_case_nor_an_alias_matters(#[case] face: Face) {
    let forge = World::on(face).await;
    let shouted = forge.anna().opens_labelled("Loud", &["INTEGRATION::jIRA"]);
    let alias = forge.anna().opens_labelled("Chatty", &["integration::MS Teams"]);
    forge.rests().await;
    forge.shows(shouted).has_labels(&["group::project management"]).one_comment();
    forge.shows(alias).has_labels(&["group::project management"]).one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_integrations_than_the_policy_routes_are_asked_about(#[case] face: Face) {
    let forge = World::on(face).await;
    let paths = ["jira", "harbor", "discord", "packagist"]
        .map(|name| format!("app/models/integrations/{name}.rb"));
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let request = forge.ben().opens_merge_request("Rename a helper", &paths);
    forge.rests().await;
    forge.shows(request).has_just(&[]);
    forge
        .shows(request)
        .one_comment()
        .says("4 integrations")
        .says(&format!("owned by {}", forge.label("group::container registry")));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_owners_are_asked_and_a_person_answers(#[case] face: Face) {
    let forge = World::on(face).await;
    let request = forge.ben().opens_merge_request(
        "Share a helper",
        &["app/models/integrations/jira.rb", "app/models/integrations/harbor.rb"],
    );
    forge.rests().await;
    forge.shows(request).has_just(&[]);
    let asked = forge.shows(request).one_comment().says("Who takes this ");

    forge.carla().labels(request, "group::container registry");
    forge.rests().await;
    forge.shows(request).has_labels(&["group::container registry", "devops::package"]);
    let told = forge.shows(request).one_comment().does_not_say("Who takes");
    assert_eq!(told.id, asked.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_in_a_nested_group_gets_the_labels_of_the_group_at_the_top() {
    let mut gitlab = World::without_steward(SimSettings::default()).await;
    gitlab.sim.add_hook(NESTED, gitlab.hook_settings().signed_with(signing()));
    gitlab.steward_starts().await;
    let issue = gitlab.anna().opens_in(NESTED, "Deep down", "", &["Integration::Harbor"]);
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_labels(&["group::container registry", "devops::package"]);
    shown.one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_issue_is_left_alone(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_issue("Done long ago");
    forge.anna().closes(issue);
    forge.anna().labels(issue, "Integration::Jira");
    forge.rests().await;
    forge.shows(issue).has_just(&["Integration::Jira"]).no_comment();

    // Nor is anything taken back when a routed one is closed.
    let routed = forge.anna().opens_labelled("Fixed now", &["Integration::Jira"]);
    forge.rests().await;
    forge.anna().closes(routed);
    forge.anna().unlabels(routed, "Integration::Jira");
    forge.rests().await;
    forge.shows(routed).has_just(&["devops::plan", "group::project management"]).one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_the_forge_does_not_have_is_reported_and_not_created(#[case] face: Face) {
    let forge = World::on(face).await;
    let label = forge.sim.add_group_label("example", "group::project management", "#428BCA");
    forge.sim.delete_label(label);
    let issue = forge.anna().opens_labelled("Jira is slow", &["Integration::Jira"]);
    forge.rests().await;
    forge.shows(issue).has_just(&["Integration::Jira", "devops::plan"]);
    forge.shows(issue).one_comment().says("Steward creates none");
    assert!(!forge.sim.labels(issue.project).iter().any(|one| one == "group::project management"));
    let audit = forge.audit(issue).await;
    assert!(
        audit.iter().any(|row| row.state == AuditState::Held
            && matches!(
                row.reason.as_ref().map(|reason| &reason.because),
                Some(Because::LabelMissing { .. })
            )),
        "{audit:#?}"
    );
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nothing_asks_for_any_more_is_taken_back(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Not Jira after all", &["bug", "Integration::Jira"]);
    forge.rests().await;
    forge.anna().unlabels(issue, "Integration::Jira");
    forge.rests().await;
    forge.shows(issue).has_just(&["bug"]);
    forge.shows(issue).one_comment().says("names an integration any more");
    assert_eq!(forge.shows(issue).times_set("group::project management", BOT), 1);
}
