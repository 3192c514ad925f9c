//! Where the files of a pack are for those who read comments: the names that comments use, and the
//! addresses under which people see them.

use super::Routing;
use crate::{
    catalog,
    policy::{PolicySource, SourceFile},
};

/// Where the files of a pack are for those who read comments. Files go by the names that reasons
/// have for them.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// What the names of the team's own files start with.
    own: Option<String>,
    /// What the names of the files below `policies_url` start with, and that address.
    seen: Option<(String, String)>,
    /// The CODEOWNERS file, where it has an address of its own.
    codeowners: Option<(String, String)>,
}

impl Places {
    pub(super) fn new(source: &PolicySource, routing: &Routing) -> Self {
        let own = source.dir().map(|dir| format!("{}/", dir.display()));
        let seen = routing.policies_url.as_deref().and_then(|url| {
            let file = source.file(super::routing::FILE).map(SourceFile::display_name)?;
            let root = file.strip_suffix(super::routing::FILE)?;
            Some((root.to_owned(), url.trim_end_matches('/').to_owned()))
        });
        Self { own, seen, codeowners: catalog::codeowners_url(source) }
    }

    /// A file's name in a comment. Where the team's own folder lies on Steward's machine is nobody
    /// else's business.
    pub fn shown<'a>(&self, file: &'a str) -> &'a str {
        self.own.as_deref().and_then(|own| file.strip_prefix(own)).unwrap_or(file)
    }

    /// The address under which people see a file. `policies_url` is where the files lie that lie
    /// beside the `routing.yml` that says so: of others nobody knows.
    pub fn url(&self, file: &str) -> Option<String> {
        if let Some((codeowners, url)) = &self.codeowners
            && codeowners == file
        {
            return Some(url.clone());
        }
        let (root, url) = self.seen.as_ref()?;
        Some(format!("{url}/{}", file.strip_prefix(root.as_str())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::Catalog, policy::Origin};

    fn own(path: &str, text: String) -> SourceFile {
        SourceFile::new(path, Origin::File(format!("/etc/steward/{path}").into()), text)
    }

    fn places(source: &PolicySource) -> Places {
        let catalog = Catalog::load(source).expect("a catalog");
        Places::new(source, &Routing::load(source, &catalog).expect("routing"))
    }

    #[test]
    fn a_file_is_seen_where_the_routing_beside_it_says() {
        let mut source = PolicySource::built_in();
        assert_eq!(places(&source).url("policies/catalog/groups.yml"), None);

        let routing = source.file("routing.yml").expect("routing").text.to_string();
        let routing = format!("{routing}\npolicies_url: https://example.com/team/\n");
        source.insert(own("routing.yml", routing));
        let places = places(&source);
        let url = places.url("/etc/steward/rules/team.yml");
        assert_eq!(url.as_deref(), Some("https://example.com/team/rules/team.yml"));
        assert_eq!(places.url("policies/catalog/groups.yml"), None, "it is not in that folder");
    }

    #[test]
    fn codeowners_are_seen_where_they_live() {
        let mut source = PolicySource::pack("home-assistant").expect("the pack");
        let live = "https://github.com/home-assistant/core/blob/dev/CODEOWNERS";
        let seen = places(&source);
        assert_eq!(seen.url("policies/packs/home-assistant/CODEOWNERS").as_deref(), Some(live));
        assert_eq!(seen.url("policies/packs/home-assistant/rules/new_integration.yml"), None);

        let text = source.file("CODEOWNERS").expect("the file").text.to_string();
        source.insert(own("CODEOWNERS", text));
        assert_eq!(places(&source).url("/etc/steward/CODEOWNERS").as_deref(), Some(live));
    }

    #[test]
    fn comments_do_not_tell_the_folder_on_the_machine() {
        let places = Places { own: Some("/etc/steward/".into()), ..Places::default() };
        assert_eq!(places.shown("/etc/steward/rules/team.yml"), "rules/team.yml");
        assert_eq!(places.shown("policies/routing.yml"), "policies/routing.yml");
    }
}
