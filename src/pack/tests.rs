use super::*;
use crate::plan;

fn load(name: &str) -> Pack {
    let source = PolicySource::pack(name).unwrap_or_else(|errors| panic!("{errors}"));
    Pack::load(&source).unwrap_or_else(|errors| panic!("{name}: {errors}"))
}

#[test]
fn every_pack_that_is_built_in_is_whole() {
    assert_eq!(PolicySource::packs(), ["gitlab", "home-assistant"]);
    for name in PolicySource::packs() {
        plan::rehearse(&load(name)).unwrap_or_else(|errors| panic!("{name}: {errors}"));
    }
    let source = PolicySource::built_in();
    assert!(source.file("packs/home-assistant/routing.yml").is_none(), "packs stand alone");
}

#[test]
fn a_pack_that_is_not_there_is_told_with_the_nearest() {
    let told = |name: &str| format!("{:?}", PolicySource::pack(name).expect_err(name));
    assert_eq!(
        told("homeassistant"),
        "PolicyErrors([`pack` in [policies]: no pack `homeassistant` is built in (did you mean \
         `home-assistant`?)])"
    );
    assert!(told("x").contains("there are: gitlab, home-assistant"));
}

#[test]
fn the_pack_for_home_assistant_has_no_groups_of_its_own() {
    let pack = load("home-assistant");
    assert!(pack.catalog.groups().all(|group| group.label.is_none()));
    assert_eq!(pack.routing.several_owners(&pack.catalog), SeveralOwners::TellAll);
    let hue = pack.catalog.by_label_value("philips_hue").expect("by its alias");
    assert_eq!((hue.key.as_str(), hue.name.as_str()), ("hue", "Philips Hue"));
    let place = hue.place().to_string();
    assert!(place.starts_with("policies/packs/home-assistant/CODEOWNERS:"), "{place}");
    assert!(pack.catalog.integration("default_config").is_none(), "ignored");
}

#[test]
fn nobody_is_asked_who_cannot_answer() {
    let mut source = PolicySource::pack("home-assistant").expect("there");
    let file = source.file("routing.yml").expect("there").clone();
    let text = file.text.replace("several_owners: tell_all", "several_owners: ask");
    source.insert(crate::policy::SourceFile::new("routing.yml", file.origin, text));
    let errors = Pack::load(&source).expect_err("wrong").to_string();
    assert!(errors.contains("nobody could answer: no group has a label"), "{errors}");
}
