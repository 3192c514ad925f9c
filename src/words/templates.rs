//! Templates: loading with checks, and rendering.

use std::collections::BTreeMap;

use handlebars::{Context, Handlebars};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{bounded::Bounded, escape, helpers, net::Net, partials::Calls, typed, wrong::Slip};
use crate::{
    model::{Because, ForgeKind, Proof},
    policy::{
        Located, LocatedMap, PolicyError, PolicyErrors, PolicySource, SourceFile, Span, parse,
        parse_all,
    },
};

const FOLDER: &str = "templates/";
const REASONS: &str = "templates/reasons.yml";
const WHY: &str = "templates/why.yml";
const PROOFS: &str = "templates/proofs.yml";
/// GitLab takes a million characters; nobody reads a tenth of that.
const LONGEST: usize = 60_000;

/// Whom a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A comment on GitLab, or the sample of one by which policies are checked.
    Markdown,
    /// A comment on GitHub, where nothing but a code span tells that a text is a label.
    Github,
    /// A terminal, a log line or the audit table.
    Plain,
}

impl Style {
    /// The style of comments on a forge.
    pub fn of_comments(forge: ForgeKind) -> Self {
        match forge {
            ForgeKind::Gitlab => Style::Markdown,
            ForgeKind::Github => Style::Github,
        }
    }
}

/// A text that could not be made. The server treats it as its own fault, never as the user's.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// The template and the facts do not fit.
    #[error("{0}")]
    Render(Box<Slip>),
    /// The text would be longer than people read.
    #[error("template `{0}` made more than {LONGEST} bytes")]
    TooLong(String),
}

/// All templates, compiled.
#[derive(Debug)]
pub struct Words {
    markdown: Handlebars<'static>,
    github: Handlebars<'static>,
    plain: Handlebars<'static>,
    /// What those that are files call.
    net: Net,
    /// Where each stands, for mistakes that show when it is rendered. The place is known of what
    /// is a part of a file.
    origins: BTreeMap<String, (SourceFile, Span)>,
    /// What each says.
    texts: BTreeMap<String, String>,
    /// A hash of all templates and sentences: the same words say the same facts alike.
    pub version: String,
}

impl Words {
    /// Compiles the templates of a pack and checks that what they call exists, and that they do
    /// not call each other in a circle or without measure, which would overflow the stack when
    /// rendering or never end.
    ///
    /// # Errors
    /// Every mistake with its file and, where known, its place.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        let mut errors = PolicyErrors::default();
        let mut words = Self {
            markdown: registry(Style::Markdown),
            github: registry(Style::Github),
            plain: registry(Style::Plain),
            net: Net::default(),
            origins: BTreeMap::new(),
            texts: BTreeMap::new(),
            version: version(
                source
                    .files(FOLDER)
                    .chain([REASONS, WHY, PROOFS].iter().filter_map(|path| source.beneath(path))),
            ),
        };
        for file in source.files(FOLDER).filter(|file| file.path.ends_with(".hbs")) {
            let name = file.path[FOLDER.len()..].trim_end_matches(".hbs");
            if words.net.add(name, file, &mut errors) {
                // Editors end files with a line feed that no sentence wants.
                words.add(name, file.text.trim_end(), file, Span::default(), &mut errors);
            }
        }
        words.net.check(&mut errors);
        for (path, what) in [(REASONS, "reason"), (WHY, "why"), (PROOFS, "proof")] {
            match source
                .required(path)
                .and_then(|file| Ok((file, parse_all::<LocatedMap<String>>(file)?)))
            {
                Ok((file, sentences)) => {
                    for (kind, text) in &sentences.0 {
                        let name = format!("{what}/{}", **kind);
                        words.part(&name, text, file, kind.span, &mut errors);
                    }
                    // What the team's own file does not say is said as the built-in one has it.
                    if let Some(file) = source.beneath(path)
                        && let Ok(LocatedMap(below)) = parse::<LocatedMap<String>>(file)
                    {
                        let said = |kind: &str| sentences.0.iter().any(|(had, _)| **had == *kind);
                        for (kind, text) in below.iter().filter(|(kind, _)| !said(kind)) {
                            let name = format!("{what}/{}", **kind);
                            words.part(&name, text, file, kind.span, &mut errors);
                        }
                    }
                }
                Err(found) => errors.extend(found),
            }
        }
        errors.or(words)
    }

    /// Adds a template that is a part of a file.
    fn part(
        &mut self,
        name: &str,
        text: &str,
        file: &SourceFile,
        span: Span,
        errors: &mut PolicyErrors,
    ) {
        let wrong = self.net.check_part(name, text, file, span);
        match wrong.is_empty() {
            true => self.add(name, text, file, span, errors),
            false => errors.extend(wrong),
        }
    }

    fn add(
        &mut self,
        name: &str,
        text: &str,
        file: &SourceFile,
        span: Span,
        errors: &mut PolicyErrors,
    ) {
        for registry in [&mut self.markdown, &mut self.github, &mut self.plain] {
            if let Err(error) = registry.register_template_string(name, text) {
                let slip = Slip::reading(text, &error);
                let place = if span.is_known() { span } else { slip.span(text) };
                errors.push(PolicyError::new(file, place, slip.message).with_help(slip.help));
                return;
            }
        }
        self.origins.insert(name.to_owned(), (file.clone(), span));
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// The names of all templates that are files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.net.names()
    }

    /// Adds a template that stands in another file of the policies, `at` a place. It calls
    /// templates that are files, and is called by none.
    pub(crate) fn inline(
        &mut self,
        name: &str,
        text: &str,
        at: &Located<String>,
        file: &SourceFile,
    ) -> PolicyErrors {
        let mut errors = PolicyErrors::default();
        self.part(name, text.trim_end(), file, at.span, &mut errors);
        let mut hash = Sha256::new();
        for part in [self.version.as_bytes(), name.as_bytes(), text.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        self.version = hex(hash);
        errors
    }

    /// Renders a template as a comment.
    ///
    /// # Errors
    /// When the template asks for something that the facts do not have.
    pub fn comment(&self, template: &str, facts: Value) -> Result<String, WordsError> {
        self.comment_on(ForgeKind::Gitlab, template, facts)
    }

    /// The same for a forge.
    ///
    /// # Errors
    /// As [`Words::comment`].
    pub fn comment_on(
        &self,
        forge: ForgeKind,
        template: &str,
        facts: Value,
    ) -> Result<String, WordsError> {
        // Branches that say nothing leave blank lines behind.
        let text = self.render(self.registry(Style::of_comments(forge)), template, facts)?;
        let mut out = String::with_capacity(text.len());
        for line in text.trim().lines() {
            if !(line.trim().is_empty() && out.ends_with("\n\n")) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        Ok(out)
    }

    /// Renders a template as one line of plain text, of so many characters at the most: a title.
    ///
    /// # Errors
    /// As [`Words::comment`].
    pub fn line(&self, template: &str, facts: Value, longest: usize) -> Result<String, WordsError> {
        let text = self.render(&self.plain, template, facts)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        Ok(words.join(" ").chars().take(longest).collect())
    }

    /// A text that could not be made, as a mistake in the file that its template stands in.
    pub(crate) fn mistake(&self, error: &WordsError) -> PolicyError {
        let (name, slip) = match error {
            WordsError::Render(slip) => (&slip.template, Some(slip)),
            WordsError::TooLong(name) => (name, None),
        };
        let Some((file, span)) = self.origins.get(name) else {
            let file = match name.split('/').next() {
                Some("reason") => REASONS,
                Some("why") => WHY,
                Some("proof") => PROOFS,
                _ => FOLDER,
            };
            return PolicyError::whole_file(file, error.to_string());
        };
        let place = match slip {
            Some(slip) if !span.is_known() => slip.span(&file.text),
            _ => *span,
        };
        let message = slip.map_or_else(|| error.to_string(), |slip| slip.message.clone());
        let mistake = match place.is_known() {
            true => PolicyError::new(file, place, message),
            false => PolicyError::whole_file(file.display_name(), message),
        };
        mistake.with_help(slip.and_then(|slip| slip.help.clone()))
    }

    /// A mistake of a template as a whole.
    pub(crate) fn mistake_in(&self, template: &str, message: &str) -> PolicyError {
        match self.origins.get(template) {
            Some((file, span)) if span.is_known() => PolicyError::new(file, *span, message),
            Some((file, _)) => PolicyError::whole_file(file.display_name(), message),
            None => PolicyError::whole_file(FOLDER, message),
        }
    }

    /// A reason as one sentence. Every reason is rehearsed when policies are taken, so that none
    /// fails here; should it all the same, the bare facts are better than no work.
    pub fn reason(&self, because: &Because, style: Style) -> String {
        self.try_reason(because, style)
            .unwrap_or_else(|_| serde_json::to_string(because).unwrap_or_default())
    }

    /// A reason as one sentence.
    ///
    /// # Errors
    /// When there is no sentence for its kind, or it asks for what the reason does not have.
    pub fn try_reason(&self, because: &Because, style: Style) -> Result<String, WordsError> {
        self.sentence("reason", because, style)
    }

    /// A reason that is no real one, to rehearse its sentence.
    ///
    /// # Errors
    /// As [`Words::try_reason`].
    pub(crate) fn rehearse_reason(&self, because: &Value, style: Style) -> Result<(), WordsError> {
        self.sentence("reason", because, style).map(drop)
    }

    /// A step of a decision, or what became of something, as one sentence: a value with a `kind`
    /// that `templates/why.yml` has. Every kind is rehearsed when policies are taken.
    pub fn why(&self, step: &impl Serialize, style: Style) -> String {
        self.try_why(step, style)
            .unwrap_or_else(|_| serde_json::to_string(step).unwrap_or_default())
    }

    /// As [`Words::why`].
    ///
    /// # Errors
    /// When there is no sentence for its kind, or it asks for what the value does not have.
    pub fn try_why(&self, step: &impl Serialize, style: Style) -> Result<String, WordsError> {
        self.sentence("why", step, style)
    }

    /// What was seen that decided about a row of a checklist, as a short phrase. Every kind is
    /// rehearsed when policies are taken.
    pub fn proof(&self, proof: &Proof, style: Style) -> String {
        self.try_proof(proof, style).unwrap_or_else(|_| escape::code(&proof.what))
    }

    /// As [`Words::proof`].
    ///
    /// # Errors
    /// When there is no phrase for its kind, or it asks for what the proof does not have.
    pub fn try_proof(&self, proof: &Proof, style: Style) -> Result<String, WordsError> {
        self.sentence("proof", proof, style)
    }

    fn sentence(
        &self,
        what: &str,
        facts: &impl Serialize,
        style: Style,
    ) -> Result<String, WordsError> {
        let registry = self.registry(style);
        let facts = serde_json::to_value(facts).unwrap_or_default();
        let kind = facts.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
        let template = format!("{what}/{kind}");
        self.render(registry, &template, facts)
    }

    fn registry(&self, style: Style) -> &Handlebars<'static> {
        match style {
            Style::Markdown => &self.markdown,
            Style::Github => &self.github,
            Style::Plain => &self.plain,
        }
    }

    fn render(
        &self,
        registry: &Handlebars<'static>,
        template: &str,
        facts: Value,
    ) -> Result<String, WordsError> {
        let facts = Context::from(facts);
        let text = render(registry, template, &facts)?;
        match typed::comes_through(&text) {
            true => Err(WordsError::Render(Box::new(self.raw(template, facts.data())))),
            false => Ok(text),
        }
    }

    /// What shows typed text as it is: the template, or one that it calls.
    fn raw(&self, template: &str, facts: &Value) -> Slip {
        let text = self.texts.get(template).map(String::as_str).unwrap_or_default();
        if let Some(at) = typed::shown(text, facts) {
            return Slip::raw(template, text, Some(at));
        }
        let called = self.net.all_of(&Calls::of(text));
        let mut shown = called.into_iter().filter_map(|(name, file)| {
            Some(Slip::raw(name, &file.text, Some(typed::shown(&file.text, facts)?)))
        });
        shown.next().unwrap_or_else(|| Slip::raw(template, text, None))
    }
}

fn version<'a>(files: impl Iterator<Item = &'a SourceFile>) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), file.text.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn registry(style: Style) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    helpers::register(&mut registry, style);
    registry
}

fn render(
    registry: &Handlebars<'static>,
    template: &str,
    facts: &Context,
) -> Result<String, WordsError> {
    let mut text = Bounded::new(LONGEST);
    match registry.render_with_context_to_write(template, facts, &mut text) {
        _ if text.is_full() => Err(WordsError::TooLong(template.to_owned())),
        Ok(()) => Ok(text.into_string()),
        Err(error) => {
            Err(WordsError::Render(Box::new(Slip::rendering(template, &error, facts.data()))))
        }
    }
}
