//! The helpers that templates may use. Each makes users' text harmless.

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason,
};

use super::{escape, templates::Style};

/// Registers the helpers for a style of output.
pub(super) fn register(registry: &mut Handlebars<'static>, style: Style) {
    match style {
        Style::Markdown => {
            registry.register_escape_fn(escape::markdown);
            registry.register_helper("code", TextHelper(escape::code).boxed());
            registry.register_helper("label", TextHelper(escape::label).boxed());
        }
        Style::Plain => {
            registry.register_escape_fn(plain);
            registry
                .register_helper("code", TextHelper(|text| format!("`{}`", plain(text))).boxed());
            registry
                .register_helper("label", TextHelper(|text| format!("`{}`", plain(text))).boxed());
        }
    }
    registry
        .register_helper("date", TextHelper(|text| plain(text.get(..10).unwrap_or(text))).boxed());
    registry.register_helper("list", Box::new(list));
}

/// One line for a terminal or a log: no control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A helper that turns one text into another.
#[derive(Clone, Copy)]
struct TextHelper(fn(&str) -> String);

impl TextHelper {
    fn boxed(self) -> Box<Self> {
        Box::new(self)
    }
}

impl handlebars::HelperDef for TextHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex("a text helper", 0))?
            .value();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out.write(&(self.0)(&text))?;
        Ok(())
    }
}

/// `{{list names}}`: the escaped items with commas and "and".
fn list(
    helper: &Helper<'_>,
    registry: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let items: Vec<String> = helper
        .param(0)
        .and_then(|param| param.value().as_array())
        .ok_or(RenderErrorReason::ParamNotFoundForIndex("list", 0))?
        .iter()
        .filter_map(|item| item.as_str())
        .map(|item| registry.get_escape_fn()(item))
        .collect();
    let text = match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    };
    out.write(&text)?;
    Ok(())
}
