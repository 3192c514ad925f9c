use super::*;
use crate::catalog::Catalog;

const YML: &str = "file: CODEOWNERS\npaths: ['/lib/{name}/']\nname: '{title}'\n\
                   docs: https://docs.example/{name}\ncategory: Things\nrationale: Named there\n";

fn catalog(files: &[(&str, &str)]) -> Result<Catalog, PolicyErrors> {
    Catalog::from_texts(files.iter().copied())
}

fn read(owners: &str) -> Catalog {
    catalog(&[(FILE, YML), ("CODEOWNERS", owners)]).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn each_line_about_a_path_makes_an_integration() {
    let catalog = read(
        "* @all\n/lib/philips_hue/ @ana @org/Team\n/tests/philips_hue/ @ana\n\
         /lib/17track @bo a@b.example\n/lib/zha/* @org/team @ANA\n/lib/none/\n/lib/*/x @cy\n",
    );
    let keys: Vec<_> = catalog.integrations().iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["philips_hue", "17track", "zha", "none"]);
    let hue = catalog.by_label_value("Philips_Hue").expect("there");
    assert_eq!(hue.name, "Philips Hue");
    assert_eq!(hue.docs.as_deref(), Some("https://docs.example/philips_hue"));
    assert_eq!(catalog.by_code_name("philips_hue"), Some(hue));
    assert_eq!(hue.place().to_string(), "policies/CODEOWNERS:2");
    assert_eq!(hue.place().in_pack(), "CODEOWNERS");
    let owner = catalog.owner(hue).expect("has one");
    assert_eq!((owner.key.as_str(), owner.name.as_str()), ("ana__org_team", "@ana, @org/Team"));
    assert_eq!((owner.mention.as_deref(), &owner.label), (Some("@ana, @org/Team"), &None));
    // The same people in another order and spelling.
    assert_eq!(catalog.integrations()[2].group, owner.key);
    // An address is known, and not called.
    let track = catalog.owner(&catalog.integrations()[1]).expect("has one");
    assert_eq!((track.name.as_str(), track.mention.as_deref()), ("@bo, a@b.example", Some("@bo")));
    let nobody = catalog.owner(&catalog.integrations()[3]).expect("has one");
    assert_eq!((nobody.key.as_str(), nobody.mention.as_deref()), ("nobody", None));
}

#[test]
fn a_later_line_about_more_has_the_say() {
    let catalog = read("/lib/hue/ @ana\n/lib/zha/ @bo\n/lib/h* @cy\n/lib/zha/*.json @dan\n");
    let owner = |key: &str| {
        let integration = catalog.integration(key).expect("there");
        catalog.owner(integration).and_then(|owner| owner.mention.clone())
    };
    // `/lib/h*` names what lies there, and is no folder with all that is in it.
    assert_eq!(owner("hue").as_deref(), Some("@ana"));
    assert_eq!(owner("zha").as_deref(), Some("@bo"));
    let catalog = read("/lib/hue/ @ana\n/lib/ @bo\n");
    assert_eq!(catalog.groups().next().and_then(|one| one.mention.clone()).as_deref(), Some("@bo"));
    assert_eq!(catalog.integrations()[0].place().line, 2, "the line that decides is cited");
}

#[test]
fn a_group_of_the_same_people_is_taken_for_them() {
    let groups = "groups:\n  bo: {name: Lights, mention: '@org/lights'}\n";
    let owners = "/lib/hue/ @org/lights\n/lib/zha/ @bo\n";
    let catalog = catalog(&[(FILE, YML), ("CODEOWNERS", owners), ("catalog/groups.yml", groups)])
        .unwrap_or_else(|errors| panic!("{errors}"));
    let of = |at: usize| catalog.integrations()[at].group.as_str();
    assert_eq!((of(0), of(1)), ("bo", "bo_2"), "a key that is taken gets a number");
}

#[test]
fn an_integrations_file_changes_what_it_says() {
    let more = "category: Lights\nintegrations:\n  hue: {name: Philips Hue, aliases: [philips]}\n  \
                17track: {docs: 'https://else.example/17', group: g}\n";
    let catalog = catalog(&[
        (FILE, YML),
        ("CODEOWNERS", "/lib/zha/ @bo\n/lib/hue/ @ana\n/lib/17track/ @ana\n"),
        ("catalog/groups.yml", "groups:\n  g: {name: G, label: 'g::g'}\n"),
        ("catalog/integrations/more.yml", more),
    ])
    .unwrap_or_else(|errors| panic!("{errors}"));
    let hue = catalog.by_label_value("philips").expect("by its new alias");
    assert_eq!((hue.name.as_str(), hue.category.as_str()), ("Philips Hue", "Lights"));
    assert_eq!(hue.docs.as_deref(), Some("https://docs.example/hue"));
    assert_eq!(hue.place().to_string(), "policies/CODEOWNERS:2", "its owner stands there");
    let track = catalog.integration("17track").expect("there");
    assert_eq!(track.docs.as_deref(), Some("https://else.example/17"));
    assert_eq!(track.group.as_str(), "g");
    assert!(track.place().to_string().ends_with("more.yml:4"));
    assert_eq!(catalog.integrations().len(), 3);
}

#[test]
fn nobody_owns_what_only_an_integrations_file_names() {
    let more = "category: Lights\nintegrations:\n  wled: {name: WLED}\n  knx: {label: KNX}\n";
    let files =
        [(FILE, YML), ("CODEOWNERS", "/lib/hue/ @ana\n"), ("catalog/integrations/a.yml", more)];
    let catalog = catalog(&files).unwrap_or_else(|errors| panic!("{errors}"));
    let wled = catalog.by_label_value("wled").expect("there");
    assert_eq!((wled.name.as_str(), wled.group.as_str()), ("WLED", "nobody"));
    assert_eq!(catalog.by_label_value("knx").map(|knx| knx.name.as_str()), Some("Knx"));
    assert!(wled.place().to_string().ends_with("a.yml:3"));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let told = |files: &[(&str, &str)]| catalog(files).expect_err("wrong").to_string();
    let more = (
        "catalog/integrations/a.yml",
        "category: A\nintegrations:\n  hue: {name: Hue, group: anna, kinds: model}\n",
    );
    let part = ("catalog/integrations/a.yml", "category: A\nintegrations:\n  hue: {name: Hue}\n");
    let owners = ("CODEOWNERS", "/lib/hue/ @ana\n");
    let wrong = YML.replace("/lib/{name}/", "/lib/*/").replace("'{title}'", "Hue");
    insta::assert_snapshot!(
        [
            told(&[(FILE, YML)]),
            told(&[(FILE, &wrong), owners]),
            told(&[(FILE, YML), ("CODEOWNERS", "/a @ana\n")]),
            told(&[(FILE, YML), ("CODEOWNERS", "/lib/hue/ @ana\n/lib/zha/ bo\n"), part]),
            told(&[(FILE, YML), owners, more]),
            told(&[(FILE, "files: X\n"), owners]),
            told(&[(FILE, YML), ("CODEOWNERS", "/lib/a_b/ @ana\n/lib/A_b/ @ana\n")]),
        ]
        .join("\n\n"),
        @r"
        policies/catalog/codeowners.yml:1:7: the policies have no file `CODEOWNERS`

        policies/catalog/codeowners.yml:2:9: `/lib/*/` must hold `{name}` exactly once
        policies/catalog/codeowners.yml:3:7: `Hue` would be the same for each integration

        policies/catalog/codeowners.yml:2:9: no line of CODEOWNERS fits `paths`

        policies/CODEOWNERS:2:11: `bo` is neither a handle nor an e-mail address

        policies/catalog/integrations/a.yml:3:33: unknown field `kinds`

        policies/catalog/codeowners.yml:1:1: unknown field `files`

        policies/CODEOWNERS:2:1: the integration `a_b` is defined already
        policies/CODEOWNERS:2:1: the name `A B` belongs to `a_b` already
        policies/CODEOWNERS:2:1: the code name `A_b` is claimed by `a_b` already, at policies/CODEOWNERS:1
        policies/CODEOWNERS:2:1: the label `A_b` is claimed by `a_b` already, at policies/CODEOWNERS:1
        "
    );
}

/// A product with as many integrations as the largest that there are.
#[test]
fn many_lines_load_at_once() {
    let mut owners = String::from("* @all\n");
    for number in 0..1400 {
        let who = number % 900;
        owners +=
            &format!("/lib/thing_{number}/ @person{who}\n/tests/thing_{number}/ @person{who}\n");
    }
    let started = std::time::Instant::now();
    let catalog = read(&owners);
    let took = started.elapsed();
    assert_eq!((catalog.integrations().len(), catalog.groups().count()), (1400, 900));
    // Some milliseconds in a release build; far more would be quadratic.
    assert!(took.as_millis() < 2000, "{took:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fall(owners in "([ -~]{0,20}|/lib/[a-z*?\\[\\]!-]{1,6}/ @a|\\[[A-z ]{0,3}\\])(\\n[ -~]{0,12})*") {
        let _ = catalog(&[(FILE, YML), ("CODEOWNERS", &owners)]);
    }
}
