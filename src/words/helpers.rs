//! The helpers that templates may use. Each makes users' text harmless, and none accepts a fact
//! that is not there: Handlebars itself would take a misspelled name for an absent one.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, PathAndJson, RenderContext,
    RenderError, RenderErrorReason, Renderable,
};
use serde_json::Value;

use super::{escape, templates::Style};

/// How a text is shown.
type Show = fn(&str) -> String;

/// Registers the helpers for a style of output.
pub(super) fn register(registry: &mut Handlebars<'static>, style: Style) {
    let (code, label): (Show, Show) = match style {
        Style::Markdown => (escape::code, escape::label),
        Style::Github => (escape::code, escape::code),
        Style::Plain => (quoted, quoted),
    };
    let glob: Show = match style {
        Style::Markdown | Style::Github => |text| escape::code(&shortened(text)),
        Style::Plain => |text| quoted(&shortened(text)),
    };
    match style {
        Style::Markdown | Style::Github => registry.register_escape_fn(escape::markdown),
        Style::Plain => registry.register_escape_fn(plain),
    }
    registry.register_helper("code", Box::new(Text(code)));
    registry.register_helper("glob", Box::new(Text(glob)));
    registry.register_helper("label", Box::new(Text(label)));
    registry.register_helper("date", Box::new(Text(|at| plain(at.get(..10).unwrap_or(at)))));
    registry.register_helper("html", Box::new(Text(escape::html)));
    registry.register_helper("fence", Box::new(Fence));
    registry.register_helper("count", Box::new(Count));
    registry.register_helper("labels", Box::new(List(Some(label))));
    registry.register_helper("list", Box::new(List(None)));
    registry.register_helper("if", Box::new(If { holds: true }));
    registry.register_helper("unless", Box::new(If { holds: false }));
}

/// One line for a terminal or a log: no control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A pattern of paths as people would write it: the same class of characters again and again is `*`.
fn shortened(pattern: &str) -> String {
    let mut short = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(class) = rest.find('[').and_then(|at| {
        let end = rest[at..].find(']')?;
        Some(&rest[at..=at + end])
    }) {
        let Some((before, behind)) = rest.split_once(class) else { break };
        let mut after = behind;
        while let Some(again) = after.strip_prefix(class) {
            after = again;
        }
        short.push_str(before);
        short.push_str(if after.len() < behind.len() { "*" } else { class });
        rest = after;
    }
    short + rest
}

fn quoted(text: &str) -> String {
    format!("`{}`", plain(text))
}

/// The first parameter of a helper, which must be there.
fn param<'a, 'rc>(helper: &'a Helper<'rc>) -> Result<&'a PathAndJson<'rc>, RenderError> {
    match helper.param(0) {
        Some(param) if !param.is_value_missing() => Ok(param),
        Some(param) => {
            let path = param.relative_path().map_or("a fact", String::as_str).to_owned();
            Err(RenderErrorReason::MissingVariable(Some(path)).into())
        }
        None => {
            Err(RenderErrorReason::Other(format!("`{}` must be given a fact", helper.name()))
                .into())
        }
    }
}

/// A helper that turns one text into another.
struct Text(Show);

impl HelperDef for Text {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let param = param(helper)?;
        let Some(text) = param.value().as_str() else {
            let path = param.relative_path().map_or("the fact", String::as_str);
            let name = helper.name();
            return Err(RenderErrorReason::Other(format!("`{name}`: {path} is no text")).into());
        };
        out.write(&(self.0)(text))?;
        Ok(())
    }
}

/// A text as a block of code: nothing in it is Markdown or acts. The second parameter is the
/// language.
struct Fence;

impl HelperDef for Fence {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text = param(helper)?.value().as_str().unwrap_or_default();
        let language = helper.param(1).and_then(|param| param.value().as_str());
        out.write(&escape::fence(text, language.unwrap_or_default()))?;
        Ok(())
    }
}

/// How many there are of something: of a list or a number, with the word for one, which gets an `s`
/// for several.
struct Count;

impl HelperDef for Count {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let number = match param(helper)?.value() {
            Value::Array(items) => items.len() as u64,
            value => value.as_u64().unwrap_or_default(),
        };
        let word = helper.param(1).and_then(|param| param.value().as_str()).unwrap_or_default();
        out.write(&format!("{number} {word}{}", if number == 1 { "" } else { "s" }))?;
        Ok(())
    }
}

/// The items of a list with commas and "and", each through a function or else escaped.
struct List(Option<Show>);

impl HelperDef for List {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let items: Vec<String> = param(helper)?
            .value()
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|item| self.0.map_or_else(|| registry.get_escape_fn()(item), |show| show(item)))
            .collect();
        let text = match items.split_last() {
            None => String::new(),
            Some((only, [])) => only.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        };
        out.write(&text)?;
        Ok(())
    }
}

/// `#if` and `#unless` that refuse a fact which is not there.
struct If {
    holds: bool,
}

impl HelperDef for If {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let holds = match param(helper)?.value() {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(_) => true,
        };
        let branch = if holds == self.holds { helper.template() } else { helper.inverse() };
        branch.map_or(Ok(()), |branch| branch.render(registry, context, render, out))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::shortened;

    #[test]
    fn a_class_again_and_again_is_a_star() {
        for (pattern, short) in [
            ("a/[0-9][0-9][0-9]_{b}.yml", "a/*_{b}.yml"),
            ("{[0-9][0-9]_,}x[ab]y[ab]", "{*_,}x[ab]y[ab]"),
            ("a/[0-9", "a/[0-9"),
            ("a/b.rb", "a/b.rb"),
        ] {
            assert_eq!(shortened(pattern), short);
        }
    }

    proptest! {
        #[test]
        fn any_pattern_can_be_shortened(pattern in "[\\[\\]a0-9*ü]{0,20}") {
            prop_assert!(shortened(&pattern).len() <= pattern.len());
        }
    }
}
