//! The ownership page: every table with the columns Integration, DRI Group and Rationale.

use std::collections::HashMap;

use comrak::nodes::{AstNode, NodeValue, Sourcepos};
use comrak::{Arena, Options, parse_document};

use super::group_cell::group_of_cell;
use crate::catalog::lookup::{fold, squash};
use crate::catalog::{Catalog, GroupKey, Lifecycle};
use crate::policy::{PolicyError, PolicyErrors, SourceFile, Span};

/// One row of an ownership table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Name without link and status.
    pub name: String,
    /// Target of the link around the name.
    pub docs: Option<String>,
    /// What a suffix such as `(deprecated)` says; active without one, which is no claim.
    pub status: Lifecycle,
    /// Owner.
    pub group: GroupKey,
    /// Why that owner.
    pub rationale: String,
    /// Heading above the table.
    pub category: String,
    /// Where the row's name stands on the page.
    pub span: Span,
}

/// What was read from a page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page itself.
    pub file: SourceFile,
    /// Good rows in the order of the page.
    pub rows: Vec<Row>,
    /// Number of ownership tables.
    pub tables: usize,
    /// Names of all rows, also of those with a problem: such a row is not a removed integration.
    pub names: Vec<String>,
    /// Rows and tables that could not be understood, with their place on the page.
    pub problems: PolicyErrors,
}

/// Reads all ownership tables of a Markdown page; front matter and other tables are passed over.
pub fn read(file: &SourceFile, catalog: &Catalog) -> Page {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    let root = parse_document(&arena, &file.text, &options);

    let page = Page {
        file: file.clone(),
        rows: Vec::new(),
        tables: 0,
        names: Vec::new(),
        problems: PolicyErrors::default(),
    };
    let mut reader = Reader { file, catalog, page, after_table: false, first: HashMap::new() };
    let mut heading = String::new();
    for node in root.descendants() {
        let data = node.data();
        match &data.value {
            NodeValue::Heading(_) => {
                heading = text_of(node);
                reader.after_table = false;
            }
            NodeValue::Table(_) => reader.table(node, &heading),
            NodeValue::Paragraph => reader.paragraph(data.sourcepos),
            _ => {}
        }
    }
    let mut page = reader.page;
    if page.tables == 0 && page.problems.is_empty() {
        page.problems.push(
            PolicyError::whole_file(file.display_name(), "the page has no ownership table")
                .with_help(Some(
                    "expected a table with the columns Integration, DRI Group and Rationale"
                        .to_owned(),
                )),
        );
    }
    page
}

/// The columns of interest, by position.
struct Columns {
    name: usize,
    group: usize,
    rationale: usize,
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalog: &'a Catalog,
    page: Page,
    /// Whether an ownership table stands under the current heading.
    after_table: bool,
    /// Line of the first row with a name.
    first: HashMap<String, usize>,
}

impl Reader<'_> {
    fn table<'n>(&mut self, table: &'n AstNode<'n>, heading: &str) {
        let mut rows = table.children();
        let Some(header) = rows.next() else { return };
        let titles: Vec<String> = header.children().map(|cell| squash(&text_of(cell))).collect();
        let column = |title: &str| titles.iter().position(|t| t == title);
        let (name, group, rationale) =
            (column("integration"), column("drigroup"), column("rationale"));
        // With two of the three titles it is one that somebody broke; with one it is another table.
        if [name, group, rationale].iter().flatten().count() < 2 {
            return;
        }
        let header_span = self.span(header.data().sourcepos);
        let (Some(name), Some(group), Some(rationale)) = (name, group, rationale) else {
            let missing: Vec<&str> =
                [("Integration", name), ("DRI Group", group), ("Rationale", rationale)]
                    .iter()
                    .filter(|(_, at)| at.is_none())
                    .map(|(title, _)| *title)
                    .collect();
            return self.problem(
                header_span,
                format!("the table has no column {}", missing.join(", ")),
                None,
            );
        };
        self.page.tables += 1;
        self.after_table = true;
        if heading.is_empty() {
            self.problem(header_span, "the table stands under no heading".to_owned(), None);
        }
        for row in rows {
            self.row(row, heading, &Columns { name, group, rationale }, titles.len());
        }
    }

    fn row<'n>(&mut self, row: &'n AstNode<'n>, heading: &str, columns: &Columns, width: usize) {
        let row_span = self.span(row.data().sourcepos);
        let cells: Vec<&AstNode<'_>> = row.children().collect();
        // The Markdown parser fills up short rows and cuts long ones in silence.
        let written = count_cells(self.file.text.get(row_span.offset..).unwrap_or(""));
        let text = |at: usize| cells.get(at).map(|cell| text_of(cell)).unwrap_or_default();
        let place = |at: usize| cells.get(at).map(|cell| cell.data().sourcepos);
        let (raw_name, raw_group, rationale) =
            (text(columns.name), text(columns.group), text(columns.rationale));
        let (name, status) = split_status(&raw_name);
        let span = place(columns.name).map_or(row_span, |at| self.span(at));
        if !name.is_empty() {
            self.page.names.push(name.clone());
        }
        if written != width {
            return self.problem(
                row_span,
                format!("the row has {written} cells, the table {width} columns"),
                Some("a `|` inside a cell is written `\\|`".to_owned()),
            );
        }
        let empty = [(&name, "Integration"), (&raw_group, "DRI Group"), (&rationale, "Rationale")]
            .into_iter()
            .find(|(text, _)| text.is_empty());
        if let Some((_, title)) = empty {
            return self.problem(row_span, format!("the cell {title} is empty"), None);
        }
        if let Some(line) = self.first.insert(fold(&name), span.line) {
            self.first.insert(fold(&name), line);
            return self.problem(
                span,
                format!("`{name}` is listed twice"),
                Some(format!("first on line {line}")),
            );
        }
        let docs = cells.get(columns.name).and_then(|cell| link_of(cell));
        if let Some(docs) = docs.as_deref().filter(|docs| !is_web_address(docs)) {
            let help = "the catalog needs a whole https:// address".to_owned();
            return self.problem(span, format!("`{docs}` is not a web address"), Some(help));
        }
        match group_of_cell(&raw_group, self.catalog) {
            Ok(group) => self.page.rows.push(Row {
                name,
                docs,
                status,
                group: group.key.clone(),
                rationale,
                category: heading.to_owned(),
                span,
            }),
            Err(unknown) => {
                let at = place(columns.group).map_or(row_span, |at| self.span(at));
                let help = match &unknown.nearest {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "a new group is first added to catalog/groups.yml".to_owned(),
                };
                self.problem(at, unknown.to_string(), Some(help));
            }
        }
    }

    /// A paragraph that looks like part of an ownership table: its delimiter row is wrong, or a
    /// blank line parted it from its table. The parser shows it as running text, and the rows in
    /// it would count as removed.
    fn paragraph(&mut self, at: Sourcepos) {
        let span = self.span(at);
        let rest = self.file.text.get(span.offset..).unwrap_or("");
        let first = squash(rest.lines().next().unwrap_or(""));
        if !rest.starts_with('|') {
            return;
        }
        if first.contains("integration") && first.contains("drigroup") {
            self.problem(
                span,
                "this looks like an ownership table, but is not one".to_owned(),
                Some("the second line must hold as many `---` cells as the first".to_owned()),
            );
        } else if self.after_table && count_cells(rest) >= 3 {
            self.problem(
                span,
                "this looks like a row of the table above, but is not one".to_owned(),
                Some("no blank line may stand between the rows of a table".to_owned()),
            );
        }
    }

    fn problem(&mut self, span: Span, message: String, help: Option<String>) {
        self.page.problems.push(PolicyError::new(self.file, span, message).with_help(help));
    }

    /// Lines of the parser start at 1 and its columns count bytes.
    fn span(&self, at: Sourcepos) -> Span {
        let text = &self.file.text;
        let line_start: usize =
            text.split_inclusive('\n').take(at.start.line.saturating_sub(1)).map(str::len).sum();
        let offset = line_start + at.start.column.saturating_sub(1);
        let len = match at.end.line == at.start.line {
            true => (at.end.column + 1).saturating_sub(at.start.column),
            false => text.get(offset..).and_then(|rest| rest.lines().next()).map_or(0, str::len),
        };
        // A cell begins right behind its bar; people look at its first word.
        match text.get(offset..offset + len) {
            Some(cell) if !cell.trim().is_empty() => {
                Span::at(text, offset + cell.len() - cell.trim_start().len(), cell.trim().len())
            }
            _ => Span::at(text, offset, len),
        }
    }
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The words inside a node, spaces collapsed.
fn text_of<'n>(node: &'n AstNode<'n>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(words) => text.push_str(words),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn link_of<'n>(cell: &'n AstNode<'n>) -> Option<String> {
    cell.descendants().find_map(|node| match &node.data().value {
        NodeValue::Link(link) => Some(link.url.clone()),
        _ => None,
    })
}

/// `Slack Notifications (deprecated)` is a name and a status; other brackets belong to the name.
fn split_status(name: &str) -> (String, Lifecycle) {
    for (word, status) in [("deprecated", Lifecycle::Deprecated), ("removed", Lifecycle::Removed)] {
        let found = name
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
            .filter(|(_, inside)| inside.trim().eq_ignore_ascii_case(word));
        if let Some((bare, _)) = found {
            return (bare.trim_end().to_owned(), status);
        }
    }
    (name.to_owned(), Lifecycle::Active)
}

/// How many cells the first line of `text` is written with.
fn count_cells(text: &str) -> usize {
    let line = text.lines().next().unwrap_or("").trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = 1;
    let mut escaped = false;
    let mut last_is_bar = false;
    for c in line.chars() {
        last_is_bar = c == '|' && !escaped;
        cells += usize::from(last_is_bar);
        escaped = c == '\\' && !escaped;
    }
    cells - usize::from(last_is_bar)
}
