//! The forms of an integration's name.

/// What an integration is called in different places, all from the path of its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// As in lists of names: `foo_bar`.
    pub name: String,
    /// As in paths: `foo_bar`, or `platform/foo_bar` in a folder of its own.
    pub path: String,
    /// As in code: `FooBar`, or `Platform::FooBar`.
    pub class: String,
    /// The class without the folder's: `FooBar`, also of `Platform::FooBar`.
    pub leaf: String,
    /// As in addresses: `foo-bar`.
    pub slug: String,
    /// As people read it: `Foo Bar`.
    pub title: String,
}

impl Names {
    /// From the part of a path that names the integration, `foo_bar` or `platform/foo_bar`.
    pub fn of(path: &str) -> Self {
        let name = path.replace('/', "_");
        Self {
            class: path.split('/').map(|part| join(part, "")).collect::<Vec<_>>().join("::"),
            leaf: join(path.rsplit('/').next().unwrap_or(path), ""),
            slug: name.replace('_', "-"),
            title: join(&name, " "),
            path: path.to_owned(),
            name,
        }
    }

    /// One form, by the name that policies have for it.
    pub fn get(&self, form: &str) -> Option<&str> {
        Some(match form {
            "name" => &self.name,
            "path" => &self.path,
            "class" => &self.class,
            "leaf" => &self.leaf,
            "slug" => &self.slug,
            "title" => &self.title,
            _ => return None,
        })
    }

    /// All forms, each with the name that policies have for it.
    pub fn pairs(&self) -> impl Iterator<Item = (String, String)> + use<> {
        let all = ["name", "path", "class", "leaf", "slug", "title"];
        let pair = |form: &str| Some((form.to_owned(), self.get(form)?.to_owned()));
        all.iter().filter_map(|form| pair(form)).collect::<Vec<_>>().into_iter()
    }
}

/// The words of a name in snake case, each with a capital.
fn join(name: &str, between: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_uppercase().collect::<String>());
        first.map(|first| first + chars.as_str())
    };
    name.split('_').filter_map(word).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_all_its_forms() {
        let names = Names::of("platform/foo_bar");
        assert_eq!(names.name, "platform_foo_bar");
        assert_eq!(names.class, "Platform::FooBar");
        assert_eq!(names.leaf, "FooBar");
        assert_eq!(names.slug, "platform-foo-bar");
        assert_eq!(names.title, "Platform Foo Bar");
        assert_eq!(Names::of("jira").class, "Jira");
        assert_eq!(Names::of("__x_").class, "X");
    }
}
