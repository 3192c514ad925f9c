//! `when_expr`: a condition in CEL, for what the predicates cannot say.
//!
//! The only module that knows the CEL library. A program is read by `read`, which refuses every
//! name that does not exist, and tried on a made-up item before it is taken, so that the commonest
//! mistakes show when the policies are loaded. What fails on a real item is "cannot tell".

mod facts;
mod read;
mod told;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use cel::{Context, Env, ExecutionError, Value, extractors::This, parser::Expression};
use regex::Regex;

pub use facts::{ExprFacts, ExprIntegration, ExprItem, ExprVotes};
pub(super) use read::Mistake;

/// The longest program, in bytes. A parser that descends into a program needs stack for its depth.
pub(super) const LONGEST: usize = 1000;
/// Under this name the library calls our own `matches`: its own one compiles on every call.
const MATCHES: &str = "matches_compiled";

/// A checked condition in CEL.
#[derive(Debug)]
pub struct Expr {
    source: String,
    line: usize,
    program: Expression,
    patterns: Arc<HashMap<String, Regex>>,
    asks_integrations: bool,
    asks_votes: bool,
    asks_state: bool,
}

impl Expr {
    /// Reads and tries a program. `line` is where it stands.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(source: &str, line: usize) -> Result<Self, Mistake> {
        let read = read::read(source)?;
        let expr = Self {
            source: source.to_owned(),
            line,
            program: read.program,
            patterns: Arc::new(read.patterns),
            asks_integrations: read.asks_integrations,
            asks_votes: read.asks_votes,
            asks_state: read.asks_state,
        };
        match expr.value(&ExprFacts::sample()) {
            Ok(Value::Bool(_)) => Ok(expr),
            Ok(other) => Err(Mistake::new(format!(
                "the expression must be true or false; on an example it is {}",
                kind(&other)
            ))),
            Err(error) => Err(Mistake::new(format!("the expression fails on an example: {error}"))),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The line where it stands, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Whether it looks at `integrations`, which may cost the list of changed files.
    pub fn asks_integrations(&self) -> bool {
        self.asks_integrations
    }

    /// Whether it looks at `item.votes`, which may cost a call.
    pub fn asks_votes(&self) -> bool {
        self.asks_votes
    }

    /// Whether it looks at the item's state.
    pub fn asks_state(&self) -> bool {
        self.asks_state
    }

    /// Whether it holds; `None` when it cannot be worked out on these facts.
    pub fn holds(&self, facts: &ExprFacts<'_>) -> Option<bool> {
        match self.value(facts) {
            Ok(Value::Bool(holds)) => Some(holds),
            _ => None,
        }
    }

    fn value(&self, facts: &ExprFacts<'_>) -> Result<Value, String> {
        static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));
        // The library is young, and a rule of one team must not end the work for all.
        catch_unwind(AssertUnwindSafe(|| {
            let mut context = Context::with_env(Arc::clone(&ENV));
            let wrong = |error: &dyn std::fmt::Display| error.to_string();
            context
                .add_variable("item", cel::to_value(&facts.item).map_err(|e| wrong(&e))?)
                .map_err(|error| wrong(&error))?;
            if self.asks_integrations {
                let found = cel::to_value(&facts.integrations).map_err(|error| wrong(&error))?;
                context.add_variable("integrations", found).map_err(|error| wrong(&error))?;
            }
            context.add_variable("now", facts.now).map_err(|error| wrong(&error))?;
            let patterns = Arc::clone(&self.patterns);
            context
                .add_function(
                    MATCHES,
                    move |This(text): This<Arc<String>>, pattern: Arc<String>| match patterns
                        .get(pattern.as_str())
                    {
                        Some(pattern) => Ok(pattern.is_match(&text)),
                        None => Err(ExecutionError::function_error("matches", "no such pattern")),
                    },
                )
                .map_err(|error| wrong(&error))?;
            Value::resolve(&self.program, &context).map_err(|error| wrong(&error))
        }))
        .unwrap_or_else(|_| Err("it cannot be worked out".to_owned()))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
        Value::Null => "null",
        _ => "something else",
    }
}
