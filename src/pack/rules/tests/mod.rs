//! Rules as they are read: layers, and every mistake with its place.

mod layers;
mod wrong;

use crate::{
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile},
};

/// The built-in pack with files laid over it. Those under `below/` are taken as built-in ones.
fn load(files: &[(&str, &str)]) -> Result<Pack, String> {
    let mut source = PolicySource::built_in();
    for (path, text) in files {
        let (path, origin) = match path.strip_prefix("below/") {
            Some(path) => (path, Origin::BuiltIn),
            None => (*path, Origin::File((*path).into())),
        };
        source.insert(SourceFile::new(path, origin, *text));
    }
    Pack::load(&source).map_err(|errors| {
        let told = errors.iter().map(|error| match error.help_text() {
            Some(help) => format!("{error} | {help}"),
            None => error.to_string(),
        });
        told.collect::<Vec<_>>().join("\n")
    })
}
