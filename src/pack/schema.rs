//! JSON Schemas (draft 2020-12) of the policy files, made from the types that read them, so that
//! editors know what the loader knows.

use schemars::{JsonSchema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use super::{
    Commands, Routing, SchedulesFile, calendar::CalendarFile, checklists::ChecklistFile,
    lifecycle::LifecycleFile, removals::RemovalsFile, rules::RulesFile,
};
use crate::{
    catalog::{CodeownersFile, GroupsFile, IntegrationsFile},
    policy::PolicySource,
};

/// The schema of a kind of policy file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSchema {
    /// Its name: `rules`, `routing`, `groups` ...
    pub name: &'static str,
    /// The files of a pack that it describes; `*` stands for a file's name.
    pub files: &'static str,
    /// The schema.
    pub schema: Value,
}

/// All schemas.
pub fn all() -> Vec<FileSchema> {
    vec![
        of::<RulesFile>("rules", "rules/*.yml"),
        of::<Routing>("routing", "routing.yml"),
        of::<GroupsFile>("groups", "catalog/groups.yml"),
        of::<IntegrationsFile>("integrations", "catalog/integrations/*.yml"),
        of::<CodeownersFile>("codeowners", "catalog/codeowners.yml"),
        of::<Commands>("commands", "commands.yml"),
        of::<CalendarFile>("calendar", "calendar.yml"),
        of::<LifecycleFile>("lifecycle", "lifecycle.yml"),
        of::<SchedulesFile>("schedules", "schedules.yml"),
        of::<ChecklistFile>("checklist", "checklists/*.yml"),
        of::<RemovalsFile>("removals", "removals.yml"),
        sentences("reasons", "templates/reasons.yml", "Why Steward did or left something"),
        sentences("proofs", "templates/proofs.yml", "What was seen that decided about a row"),
        sentences("why", "templates/why.yml", "A step on the way to a decision"),
    ]
}

fn of<T: JsonSchema>(name: &'static str, files: &'static str) -> FileSchema {
    let generator =
        SchemaSettings::draft2020_12().with_transform(RecursiveTransform(one_key)).into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".into(), format!("Steward: {files}").into());
    FileSchema { name, files, schema: schema.to_value() }
}

/// An enum whose values are mappings of one key becomes one object with all keys, of which one
/// is there: editors complete the keys of an object and show what they are for.
fn one_key(schema: &mut schemars::Schema) {
    let Some(Value::Array(variants)) = schema.get("oneOf") else { return };
    let mut keys = Map::new();
    for variant in variants {
        let Some(Value::Object(properties)) = variant.get("properties") else { return };
        let (1, Some((key, value))) = (properties.len(), properties.iter().next()) else { return };
        let mut value = value.clone();
        if let (Value::Object(value), Some(about)) = (&mut value, variant.get("description")) {
            value.insert("description".into(), about.clone());
        }
        keys.insert(key.clone(), value);
    }
    schema.remove("oneOf");
    for (key, value) in [
        ("type", json!("object")),
        ("minProperties", json!(1)),
        ("maxProperties", json!(1)),
        ("additionalProperties", json!(false)),
        ("properties", Value::Object(keys)),
    ] {
        schema.insert(key.into(), value);
    }
}

/// The sentences by their kinds, all of which the built-in file has.
fn sentences(name: &'static str, files: &'static str, about: &str) -> FileSchema {
    let text = PolicySource::words().file(files).map(|file| file.text.to_string());
    let kinds = text.iter().flat_map(|text| text.lines()).filter_map(|line| {
        let (kind, _) = line.split_once(':')?;
        kind.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some(kind)
    });
    let about = format!("{about}: a Handlebars template");
    let sentence = json!({ "type": "string", "description": about });
    let kinds: Map<String, Value> = kinds.map(|kind| (kind.to_owned(), sentence.clone())).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Steward: {files}"),
        "type": "object",
        "additionalProperties": false,
        "properties": kinds,
    });
    FileSchema { name, files, schema }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::parse;

    fn validator(name: &str) -> jsonschema::Validator {
        let all = all();
        let one = all.iter().find(|one| one.name == name).expect(name);
        jsonschema::draft202012::new(&one.schema).expect("a schema of the draft")
    }

    fn wrong(name: &str, yaml: &str) -> Vec<String> {
        let file = crate::policy::SourceFile::new("x.yml", crate::policy::Origin::BuiltIn, yaml);
        let value: Value = parse(&file).expect("YAML");
        validator(name).iter_errors(&value).map(|error| error.to_string()).collect()
    }

    /// Every YAML file of the shipped packs is described, and is as it is described.
    #[test]
    fn the_shipped_files_are_valid() {
        let mut seen = 0;
        let packs = PolicySource::packs().into_iter();
        let sources: Vec<_> =
            packs.map(|name| PolicySource::pack(name).expect("built in")).collect();
        let files = sources.iter().flat_map(|source| source.files(""));
        for file in files.filter(|file| file.path.ends_with(".yml")) {
            let described = all().into_iter().find(|one| match one.files.split_once('*') {
                Some((folder, end)) => file.path.starts_with(folder) && file.path.ends_with(end),
                None => one.files == file.path,
            });
            let name = described.unwrap_or_else(|| panic!("{} has no schema", file.path)).name;
            assert_eq!(wrong(name, &file.text), [""; 0], "{}", file.path);
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn slips_are_refused_and_what_the_loader_takes_is_not() {
        let rule = |rest: &str| wrong("rules", &format!("rules:\n  a:\n{rest}"));
        for good in [
            "    when: { label: bug }\n",
            "    when: { not: { any: [{ label: [a, b] }, { draft: true }] } }\n",
            "    when: { milestone: { version: '>= 18.0', major: true } }\n    mode: shadow\n",
            "    then: { labels: { add: [a], remove: ['b*'], keep: true }, mention: owners }\n",
            "    then: { assign: [author, '@anna'], close: { at_most_a_day: 3 } }\n",
            "    then: { request_review: { teams: [org/docs], people: ['@anna'], owners: true } }\n",
        ] {
            assert_eq!(rule(good), [""; 0], "{good}");
        }
        for bad in [
            "    wehn: { label: bug }\n",
            "    when: { lable: bug }\n",
            "    when: { label: bug, draft: true }\n",
            "    when: {}\n",
            "    when: { label: [] }\n",
            "    when: { milestone: { title: 18.10 } }\n",
            "    when: { age: { at_least: 3 days } }\n",
            "    mode: maybe\n",
            "    then: { mention: nobody }\n",
            "    then: { labels: { ad: [a] } }\n",
        ] {
            assert!(!rule(bad).is_empty(), "{bad}");
        }
        assert!(!wrong("routing", "label_prefx: x\n").is_empty());
        assert!(!wrong("groups", "groups: { a: { label: A } }\n").is_empty());
        assert!(
            !wrong("integrations", "category: X\nintegrations: { a: { naem: x } }\n").is_empty()
        );
        assert!(!wrong("reasons", "told: x\n").is_empty());
    }

    /// What an editor shows beside the key.
    #[test]
    fn a_condition_is_one_object_whose_keys_are_described() {
        let all = all();
        let condition = &all[0].schema["$defs"]["Condition"];
        assert_eq!(condition["maxProperties"], 1);
        let keys = condition["properties"].as_object().expect("keys");
        assert!(keys.len() > 20);
        for (key, value) in keys {
            assert!(value["description"].as_str().is_some_and(|text| text.len() > 10), "{key}");
        }
    }

    /// The page on policies names each schema and the files that it is for.
    #[test]
    fn the_settings_for_editors_are_told_as_they_are() {
        let page = include_str!("../../docs/policies.md");
        let block = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
        let settings: Value = serde_json::from_str(block.expect("a block")).expect("JSON");
        let told = settings["yaml.schemas"].as_object().expect("schemas");
        assert_eq!(told.len(), all().len());
        for one in all() {
            let files = told[&format!("schemas/{}.schema.json", one.name)].as_str();
            assert_eq!(files, Some(&*format!("policies/{}", one.files)));
        }
    }
}
