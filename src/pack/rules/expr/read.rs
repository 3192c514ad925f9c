//! Reading a program: names are checked, regular expressions compiled, and what would take too long
//! or too much stack is refused.

use std::collections::HashMap;

use cel::{
    Program,
    common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr as Ast, LiteralValue},
    parser::Expression,
};
use regex::Regex;

use super::{LONGEST, MATCHES, facts::ITEM, told};
use crate::{pack::rules::Regexp, policy::nearest};

/// Variables.
const VARIABLES: [&str; 3] = ["item", "integrations", "now"];
/// Functions and macros; operators have names that nobody can write.
const FUNCTIONS: [&str; 16] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "has",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
    "int",
    "uint",
    "double",
    "string",
    "bool",
];
/// Brackets and signs in each other, at the most.
const DEPTH: usize = 16;
/// Operations in each other, at the most: `a + b + c` are two.
const OPERATIONS: usize = 40;
/// Bytes of stack for reading a program.
const STACK: usize = 64 << 20;
/// Loops (`exists`, `all`, `map`, ...) in a program, at the most. None stands in another: what one
/// of them takes is a multiple of the longest list, and of two the square.
const LOOPS: usize = 4;

/// What is wrong with a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pack) struct Mistake {
    /// In one sentence.
    pub(in crate::pack) message: String,
    /// The word that is wrong, if it is one.
    pub(in crate::pack) word: Option<String>,
    /// The byte of the source where it is, if it is at one.
    pub(in crate::pack) at: Option<usize>,
    /// What to do.
    pub(in crate::pack) help: Option<String>,
}

impl Mistake {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), word: None, at: None, help: None }
    }

    fn word(message: impl Into<String>, word: &str, valid: &[&'static str]) -> Self {
        let list = valid.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let help = match nearest(word, valid.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? Valid here: {list}"),
            None => format!("valid here: {list}"),
        };
        Self { word: Some(word.to_owned()), help: Some(help), ..Self::new(message) }
    }
}

/// A program that was read.
pub(super) struct Read {
    pub(super) program: Expression,
    pub(super) patterns: HashMap<String, Regex>,
    pub(super) asks_integrations: bool,
    pub(super) asks_votes: bool,
    pub(super) asks_state: bool,
}

/// Reads a program and checks every name in it.
pub(super) fn read(source: &str) -> Result<Read, Mistake> {
    // The library descends into a program as deep as it goes, before anybody can tell how deep
    // that is.
    let failed = || Mistake::new("the expression cannot be read");
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().stack_size(STACK);
        let reading = reading.spawn_scoped(scope, || read_here(source)).map_err(|_| failed())?;
        reading.join().unwrap_or_else(|_| Err(failed()))
    })
}

fn read_here(source: &str) -> Result<Read, Mistake> {
    if source.len() > LONGEST {
        return Err(Mistake::new(format!(
            "the expression is longer than {LONGEST} bytes; say it with `when`, or in several rules"
        )));
    }
    if source.trim().is_empty() {
        return Err(Mistake::new("the expression is empty"));
    }
    if is_deep(source) {
        return Err(Mistake::new(format!(
            "the expression has more than {DEPTH} brackets or signs in each other"
        )));
    }
    let program = Program::compile(source).map_err(|errors| match errors.errors.first() {
        Some(error) => {
            let first = error.msg.lines().next().unwrap_or_default();
            told::mistake(source, first, error.pos)
        }
        None => Mistake::new("not an expression in CEL"),
    })?;
    let mut walk = Walk {
        bound: Vec::new(),
        loops: 0,
        depth: 0,
        patterns: HashMap::new(),
        asks_integrations: false,
        asks_votes: false,
        asks_state: false,
    };
    let mut program = program.expression().clone();
    walk.expression(&mut program)?;
    let Walk { patterns, asks_integrations, asks_votes, asks_state, .. } = walk;
    Ok(Read { program, patterns, asks_integrations, asks_votes, asks_state })
}

/// Whether brackets, or signs and questions that open an operand each, stand in each other too
/// deeply. Texts in quotes count too, which errs on the safe side.
fn is_deep(source: &str) -> bool {
    let (mut open, mut deepest, mut signs) = (0_usize, 0, 0);
    for c in source.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '?' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    let in_a_row = source
        .split(|c: char| !matches!(c, '!' | '-' | ' ' | '\t' | '\n'))
        .map(|run| run.chars().filter(|c| matches!(c, '!' | '-')).count())
        .max();
    deepest > DEPTH || signs > DEPTH || in_a_row.unwrap_or_default() > DEPTH
}

struct Walk {
    /// Variables of the loops around.
    bound: Vec<String>,
    loops: usize,
    depth: usize,
    patterns: HashMap<String, Regex>,
    asks_integrations: bool,
    asks_votes: bool,
    asks_state: bool,
}

impl Walk {
    fn expression(&mut self, at: &mut Expression) -> Result<(), Mistake> {
        if self.depth >= OPERATIONS {
            return Err(Mistake::new(format!(
                "the expression has more than {OPERATIONS} operations in each other"
            )));
        }
        self.depth += 1;
        let read = self.one(at);
        self.depth -= 1;
        read
    }

    fn one(&mut self, at: &mut Expression) -> Result<(), Mistake> {
        match &mut at.expr {
            Ast::Unspecified | Ast::Literal(_) => Ok(()),
            Ast::Ident(name) => self.variable(name),
            Ast::Call(call) => self.call(call),
            Ast::Comprehension(one) => self.comprehension(one),
            Ast::List(list) => list.elements.iter_mut().try_for_each(|one| self.expression(one)),
            Ast::Map(map) => map.entries.iter_mut().try_for_each(|one| self.entry(&mut one.expr)),
            Ast::Struct(made) => {
                Err(Mistake::word("structures cannot be made here", &made.type_name, &[]))
            }
            Ast::Select(select) => {
                if let Ast::Ident(name) = &select.operand.expr
                    && name == "item"
                    && !self.bound.contains(name)
                {
                    if !ITEM.contains(&select.field.as_str()) {
                        let message = format!("`item` has no `{}`", select.field);
                        return Err(Mistake::word(message, &select.field, &ITEM));
                    }
                    self.asks_votes |= select.field == "votes";
                    self.asks_state |= select.field == "state";
                }
                self.expression(&mut select.operand)
            }
        }
    }

    fn entry(&mut self, entry: &mut EntryExpr) -> Result<(), Mistake> {
        match entry {
            EntryExpr::StructField(field) => self.expression(&mut field.value),
            EntryExpr::MapEntry(entry) => {
                self.expression(&mut entry.key)?;
                self.expression(&mut entry.value)
            }
        }
    }

    fn variable(&mut self, name: &str) -> Result<(), Mistake> {
        if name.starts_with('@') || self.bound.iter().any(|bound| bound == name) {
            return Ok(());
        }
        self.asks_integrations |= name == "integrations";
        match VARIABLES.contains(&name) {
            true => Ok(()),
            false => Err(Mistake::word(format!("there is no variable `{name}`"), name, &VARIABLES)),
        }
    }

    fn call(&mut self, call: &mut CallExpr) -> Result<(), Mistake> {
        let name = call.func_name.as_str();
        let operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !operator && !FUNCTIONS.contains(&name) {
            return Err(Mistake::word(format!("there is no function `{name}`"), name, &FUNCTIONS));
        }
        if name == "matches" {
            // As in `text.matches('x')`; `matches(text, 'x')` is the same.
            let pattern = call.args.last().map(|last| &last.expr);
            let Some(Ast::Literal(LiteralValue::String(pattern))) = pattern else {
                return Err(Mistake {
                    help: Some("write it as a text, as in `item.title.matches('^Bug')`".into()),
                    word: Some("matches".into()),
                    ..Mistake::new("`matches` needs a pattern that is written out")
                });
            };
            let pattern = pattern.inner().to_owned();
            let compiled = Regexp::try_from(pattern.clone()).map_err(|error| Mistake {
                word: Some(pattern.clone()),
                ..Mistake::new(format!("`{pattern}` is {error}"))
            })?;
            self.patterns.insert(pattern, compiled.into_inner());
            call.func_name = MATCHES.to_owned();
        }
        if let Some(target) = &mut call.target {
            self.expression(target)?;
        }
        call.args.iter_mut().try_for_each(|one| self.expression(one))
    }

    fn comprehension(&mut self, one: &mut ComprehensionExpr) -> Result<(), Mistake> {
        self.loops += 1;
        self.expression(&mut one.iter_range)?;
        let before = self.bound.len();
        self.bound.push(one.iter_var.clone());
        self.bound.extend(one.iter_var2.clone());
        self.bound.push(one.accu_var.clone());
        let deep = self.bound.iter().filter(|name| name.starts_with('@')).count();
        if deep > 1 {
            return Err(Mistake {
                help: Some(
                    "write them side by side (`a.exists(x, …) && b.exists(y, …)`), one after the \
                     other (`a.filter(x, …).exists(y, …)`), or in several rules"
                        .into(),
                ),
                ..Mistake::new(
                    "a loop stands inside another one: `all`, `exists`, `exists_one`, `filter` \
                     and `map` cannot be nested",
                )
            });
        }
        if self.loops > LOOPS {
            return Err(Mistake::new(format!(
                "the expression loops too often: at most {LOOPS} of `all`, `exists`, `filter` and \
                 `map`"
            )));
        }
        for part in [&mut one.accu_init, &mut one.loop_cond, &mut one.loop_step, &mut one.result] {
            self.expression(part)?;
        }
        self.bound.truncate(before);
        Ok(())
    }
}
