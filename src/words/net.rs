//! Who calls whom among the templates: none calls itself on any way, and none so much that
//! rendering would not end in time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::partials::{Call, Calls, DEEPEST};
use crate::policy::{PolicyError, PolicyErrors, SourceFile, Span, nearest};

/// So many templates one of them calls, counted with all that these call in turn. The built-in
/// ones stay under ten; two calls a template through twenty of them would be a million.
const MOST_CALLS: usize = 1_000;

/// What rendering a template takes.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Templates that are rendered, itself counted, with each loop run once.
    calls: usize,
    /// Blocks and calls inside each other.
    depth: usize,
}

/// What the templates that are files call.
#[derive(Debug, Default)]
pub(super) struct Net {
    templates: BTreeMap<String, (SourceFile, Calls)>,
    costs: BTreeMap<String, Cost>,
}

impl Net {
    /// Adds a template and answers whether it may be taken.
    pub(super) fn add(&mut self, name: &str, file: &SourceFile, errors: &mut PolicyErrors) -> bool {
        let calls = Calls::of(&file.text);
        let mistakes = calls.mistakes(file, Span::default());
        let fine = mistakes.is_empty();
        errors.extend(PolicyErrors(mistakes));
        self.templates.insert(name.to_owned(), (file.clone(), calls));
        fine
    }

    /// The names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// A template and all that it calls in turn, each with its text.
    pub(super) fn all_of<'a>(&'a self, calls: &Calls) -> Vec<(&'a str, &'a SourceFile)> {
        let mut all: BTreeMap<&str, &SourceFile> = BTreeMap::new();
        let mut rest: Vec<&str> = calls.calls.iter().map(|call| call.name.as_str()).collect();
        while let Some(name) = rest.pop() {
            let Some((name, (file, calls))) = self.templates.get_key_value(name) else { continue };
            if all.insert(name, file).is_none() {
                rest.extend(calls.calls.iter().map(|call| call.name.as_str()));
            }
        }
        all.into_iter().collect()
    }

    /// Checks what the templates call, once all are there.
    pub(super) fn check(&mut self, errors: &mut PolicyErrors) {
        for (file, calls) in self.templates.values() {
            for call in &calls.calls {
                if !self.templates.contains_key(&call.name) {
                    errors.push(self.unknown(call, file, call.place));
                }
            }
        }
        for circle in self.walk() {
            let Some((file, calls)) = self.templates.get(&circle[0]) else { continue };
            let place = calls.calls.iter().find(|call| call.name == circle[1]);
            let message = format!("templates call each other in a circle: {}", circle.join(" → "));
            errors.push(PolicyError::new(
                file,
                place.map_or_else(Span::default, |at| at.place),
                message,
            ));
        }
        for (name, (file, calls)) in &self.templates {
            // Those that call one that is too much are too much themselves: told once.
            let is_fine = |call: &Call| {
                self.costs.get(&call.name).is_none_or(|cost| cost.mistake().is_none())
            };
            if let Some(message) = self.costs.get(name).and_then(|cost| cost.mistake())
                && calls.calls.iter().all(is_fine)
            {
                let place = calls.calls.first().map_or_else(Span::default, |call| call.place);
                errors.push(PolicyError::new(file, place, message).with_help(HELP.to_owned()));
            }
        }
    }

    /// Checks a template that stands in another file of the policies, `at` a place.
    pub(super) fn check_part(
        &self,
        name: &str,
        text: &str,
        file: &SourceFile,
        at: Span,
    ) -> PolicyErrors {
        let calls = Calls::of(text);
        let mut errors = PolicyErrors(calls.mistakes(file, at));
        // What calls the file would reach this text, and what this calls is not looked at there.
        if let Some((other, _)) = self.templates.get(name) {
            let message = format!("`{}` has the name of this text", other.path);
            let help = format!("name `{}` otherwise", other.path);
            errors.push(PolicyError::new(file, at, message).with_help(help));
        }
        for call in &calls.calls {
            if !self.templates.contains_key(&call.name) {
                errors.push(self.unknown(call, file, at));
            }
        }
        if let Some(message) = self.cost(&calls).mistake() {
            errors.push(PolicyError::new(file, at, message).with_help(HELP.to_owned()));
        }
        errors
    }

    fn unknown(&self, call: &Call, file: &SourceFile, at: Span) -> PolicyError {
        let near = nearest(&call.name, self.templates.keys().map(String::as_str));
        PolicyError::new(file, at, format!("there is no template `{}`", call.name))
            .with_help(near.map(|near| format!("did you mean `{near}`?")))
    }

    fn cost(&self, calls: &Calls) -> Cost {
        let mut cost = Cost { calls: 1, depth: calls.depth };
        for call in &calls.calls {
            if let Some(called) = self.costs.get(&call.name) {
                cost.calls = cost.calls.saturating_add(called.calls);
                cost.depth = cost.depth.max(call.depth.saturating_add(called.depth));
            }
        }
        cost
    }

    /// Visits each template once, works out what it costs, and answers the circles that are met,
    /// each as a way from a template back to it: one for each call that closes one. Keeps its own
    /// stack, as a long chain must not use up the thread's.
    fn walk(&mut self) -> Vec<Vec<String>> {
        let mut circles: Vec<Vec<String>> = Vec::new();
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let names: Vec<String> = self.templates.keys().cloned().collect();
        for start in names {
            if !seen.insert(start.clone()) {
                continue;
            }
            // The way to where the walk is, and which call comes next there.
            let mut on_way = HashMap::from([(start.clone(), 0)]);
            let mut way: Vec<(String, usize)> = vec![(start, 0)];
            while let Some((name, nth)) = way.last_mut() {
                let calls = self.templates.get(name).map(|(_, calls)| calls);
                let Some(call) = calls.and_then(|calls| calls.calls.get(*nth)) else {
                    let cost = calls.map(|calls| self.cost(calls));
                    let (name, _) = way.pop().unwrap_or_default();
                    on_way.remove(&name);
                    self.costs.extend(cost.map(|cost| (name, cost)));
                    continue;
                };
                *nth += 1;
                let next = call.name.clone();
                if let Some(&from) = on_way.get(&next) {
                    let circle: Vec<String> =
                        way[from..].iter().map(|(on, _)| on.clone()).collect();
                    let circle = self.told_from_own(circle);
                    // More than one through the same template say no more than the first.
                    if told.insert(circle[0].clone()) {
                        circles.push(circle);
                    }
                } else if self.templates.contains_key(&next) && seen.insert(next.clone()) {
                    on_way.insert(next.clone(), way.len());
                    way.push((next, 0));
                }
            }
        }
        circles
    }

    /// A circle as it is told: from the team's own file if there is one, and back to it.
    fn told_from_own(&self, mut circle: Vec<String>) -> Vec<String> {
        let is_own = |name: &str| self.templates.get(name).is_some_and(|(file, _)| file.is_own());
        let first = (0..circle.len()).min_by_key(|&at| (!is_own(&circle[at]), circle[at].clone()));
        circle.rotate_left(first.unwrap_or_default());
        circle.extend(circle.first().cloned());
        circle
    }
}

const HELP: &str = "let it call fewer, or put their text where it is needed";

impl Cost {
    fn mistake(self) -> Option<String> {
        if self.calls > MOST_CALLS {
            return Some(format!(
                "with all that is called in turn, it calls more than {MOST_CALLS} templates"
            ));
        }
        (self.depth > DEEPEST)
            .then(|| format!("with what it calls, it is nested more than {DEEPEST} levels deep"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    fn told(templates: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
        let (mut net, mut errors) = (Net::default(), PolicyErrors::default());
        for (name, text) in templates {
            let path = format!("templates/{name}.hbs");
            let file = SourceFile::new(path.clone(), Origin::File(path.into()), text);
            net.add(&name, &file, &mut errors);
        }
        net.check(&mut errors);
        errors.iter().map(ToString::to_string).collect()
    }

    /// `layers` of `wide` templates, of which each calls all of the next layer.
    fn layered(layers: usize, wide: usize) -> impl Iterator<Item = (String, String)> {
        (0..layers * wide).map(move |nth| {
            let (layer, of) = (nth / wide + 1, nth % wide);
            let all = (0..wide).map(|next| format!("{{{{> l{layer:02}/{next}}}}}"));
            let calls = if layer < layers { all.collect() } else { String::new() };
            (format!("l{:02}/{of}", layer - 1), calls)
        })
    }

    /// Walking every way through it would take longer than the world is old.
    #[test]
    fn a_wide_net_is_seen_through_at_once_and_refused_for_what_it_costs() {
        let errors = told(layered(20, 20));
        // The last layer but one of those that are too much, and no other.
        assert_eq!(errors.len(), 20, "{errors:?}");
        assert!(errors[0].contains("calls more than 1000 templates"), "{}", errors[0]);
        assert_eq!(told(layered(3, 20)), Vec::<String>::new());
    }

    #[test]
    fn a_long_chain_is_refused_and_does_not_use_up_the_stack() {
        let chain = |length: usize| {
            (0..length).map(move |nth| {
                let next = nth + 1;
                let text =
                    if next < length { format!("{{{{> c{next:06}}}}}") } else { String::new() };
                (format!("c{nth:06}"), text)
            })
        };
        assert_eq!(told(chain(DEEPEST)), Vec::<String>::new());
        let errors = told(chain(5_000));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("nested more than"), "{}", errors[0]);
    }

    #[test]
    fn each_circle_is_told_once() {
        let of = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let errors = told([
            of("b", "{{> c}}"),
            of("c", "{{> d}}{{> d}}"),
            of("d", "{{> b}}"),
            of("z", "{{> b}}{{> z}}"),
        ]);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].contains("b → c → d → b"), "{errors:?}");
        assert!(errors[1].contains("z → z"), "{errors:?}");
    }
}
