//! What is wrong with a policy file, and where: one value for the log line, the
//! underlined snippet and the machine.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};

use super::source::SourceFile;

/// A stretch of a file: where it starts for people, and which bytes it covers for tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// 1-based line; 0 when the position is not known.
    pub line: usize,
    /// 1-based column in characters; 0 when the position is not known.
    pub column: usize,
    /// Byte offset of the first byte.
    pub offset: usize,
    /// Length in bytes.
    pub len: usize,
}

impl Span {
    /// The span of `len` bytes at `offset` of `text`, with line and column counted.
    pub fn at(text: &str, offset: usize, len: usize) -> Self {
        let mut start = offset.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            offset: start,
            len: len.min(text.len() - start),
        }
    }

    /// The whole of a value in brackets, as far as it stands on one line, where only its first
    /// bracket is known.
    fn with_brackets(self, text: &str) -> Self {
        let rest = text.get(self.offset..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if self.len > 1 || !rest.starts_with(['{', '[']) {
            return self;
        }
        let (mut depth, mut quote) = (0_usize, None);
        for (at, c) in rest.char_indices() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '{' | '[') => depth += 1,
                (None, '}' | ']') => depth = depth.saturating_sub(1),
                (None, _) => {}
            }
            if depth == 0 {
                return Self { len: at + 1, ..self };
            }
        }
        Self { len: rest.trim_end().len().max(1), ..self }
    }

    /// Whether the position is known.
    pub fn is_known(&self) -> bool {
        self.line > 0
    }
}

/// One mistake in one file. `Display` is the plain one-line form,
/// `policies/catalog/groups.yml:12:5: message`; [`render`] draws the snippet.
#[derive(Clone)]
pub struct PolicyError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    file: String,
    span: Span,
    message: String,
    label: Option<String>,
    help: Option<String>,
    source: Option<Arc<NamedSource<String>>>,
}

impl PolicyError {
    /// A mistake at a place in a file.
    pub fn new(file: &SourceFile, span: Span, message: impl Into<String>) -> Self {
        let span = span.with_brackets(&file.text);
        Self(Box::new(Inner {
            file: one_line(&file.display_name()),
            span,
            message: one_line(&message.into()),
            label: None,
            help: None,
            source: span.is_known().then(|| file.named_source()),
        }))
    }

    /// A mistake that concerns a file or directory as a whole.
    pub fn whole_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            file: one_line(&file.into()),
            span: Span::default(),
            message: one_line(&message.into()),
            label: None,
            help: None,
            source: None,
        }))
    }

    /// Adds advice: the nearest valid name, or what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Option<String>>) -> Self {
        self.0.help = help.into().map(|help| one_line(&help));
        self
    }

    /// Adds the words written under the underlined token.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.0.label = Some(one_line(&label.into()));
        self
    }

    /// The file as it is named in messages: `policies/...` for the built-in pack, else the
    /// real path.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// 1-based line, if the mistake has a place.
    pub fn line(&self) -> Option<usize> {
        self.0.span.is_known().then_some(self.0.span.line)
    }

    /// 1-based column in characters, if the mistake has a place.
    pub fn column(&self) -> Option<usize> {
        self.0.span.is_known().then_some(self.0.span.column)
    }

    /// Where it is; line 0 when the place is not known.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// Line and column, both 1-based, behind the last character, if the mistake has a place.
    pub fn end(&self) -> Option<(usize, usize)> {
        let Span { line, column, offset, len } = self.0.span;
        let text = self.0.source.as_ref()?.inner().get(offset..offset + len)?;
        let lines = text.matches('\n').count();
        let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
        Some((line + lines, if lines == 0 { column + last } else { last + 1 }))
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { file, span, message, .. } = &*self.0;
        if span.is_known() {
            write!(f, "{file}:{}:{}: {message}", span.line, span.column)
        } else {
            write!(f, "{file}: {message}")
        }
    }
}

/// The plain form plus the help: enough in a test failure or a log.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match &self.0.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PolicyError {}

impl Diagnostic for PolicyError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.0.source.as_deref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.source.as_ref()?;
        let span = self.0.span;
        let label = LabeledSpan::new(self.0.label.clone(), span.offset, span.len.max(1));
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with a set of policies. Never empty when it is an `Err`.
#[derive(Clone, Debug, Default)]
pub struct PolicyErrors(pub Vec<PolicyError>);

impl PolicyErrors {
    /// Adds one mistake.
    pub fn push(&mut self, error: PolicyError) {
        self.0.push(error);
    }

    /// Adds all mistakes of another load.
    pub fn extend(&mut self, others: impl IntoIterator<Item = PolicyError>) {
        self.0.extend(others);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, PolicyError> {
        self.0.iter()
    }

    /// `Ok(value)` if nothing is wrong, else everything that is.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<PolicyError> for PolicyErrors {
    fn from(error: PolicyError) -> Self {
        Self(vec![error])
    }
}

impl IntoIterator for PolicyErrors {
    type Item = PolicyError;
    type IntoIter = std::vec::IntoIter<PolicyError>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// One plain line per mistake.
impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyErrors {}

/// Draws every mistake with its snippet, the token underlined, for a terminal of `width`
/// columns. Without `color` the output holds no escape sequences, fit for a log or a file.
pub fn render(errors: &PolicyErrors, color: bool, width: usize) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.clamp(40, 400))
        .with_links(false)
        // Names of files and lists of names stay whole.
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_context_lines(1);
    let mut out = String::new();
    for error in errors.iter() {
        // A snippet that cannot be drawn (the only failure of the handler) must not cost the
        // reader the message.
        let mut drawn = String::new();
        match handler.render_report(&mut drawn, &Drawn(error)) {
            Ok(()) => out.push_str(&drawn),
            Err(_) => out.push_str(&error.to_string()),
        }
        if error.line().is_none() {
            out.push_str(&format!("  in {}\n", error.file()));
        }
        out.push('\n');
    }
    out
}

/// As the error, but without the place in its words, which stands above the snippet already.
#[derive(Debug)]
struct Drawn<'a>(&'a PolicyError);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help()
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

fn one_line(text: &str) -> String {
    sanitize(text).replace(['\n', '\t'], " ")
}

/// A text that may be shown on a terminal: control and bidirectional characters, with which a
/// file could redraw or reorder the reader's screen, become `?`. The byte length stays, so that
/// spans still fit.
pub(crate) fn sanitize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let acts = match c {
            '\n' | '\t' => false,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => true,
            // A carriage return before a line feed is harmless once it is blank.
            '\r' => {
                out.push(' ');
                continue;
            }
            _ => c.is_control(),
        };
        if acts {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}
