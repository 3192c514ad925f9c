//! Programs as they are read and tried.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[rstest]
#[case("item.votes.up + item.votes.down == 4")]
#[case("size(item.labels) == 2 && item.labels.size() == 2")]
#[case("item.title.contains('example') && item.title.endsWith('e')")]
#[case("has(item.weight) && item.weight != null")]
#[case("item.labels.all(l, l.contains('bug')) && item.labels.exists_one(l, l == 'bug')")]
#[case("item.labels.filter(l, l.matches('^type::')).map(l, size(l)) == [9]")]
#[case("matches(item.author, 'an+a')")]
#[case("int('3') + int(3.0) == 6 && string(3) == '3' && double(3) > 2.0 && uint(3) == 3u")]
#[case("bool('true')")]
#[case("item.draft ? false : 'x' in {'x': 1}")]
#[case("integrations.exists(i, i.lifecycle != 'removed') && item.labels.exists(l, l == 'bug')")]
#[case("now - item.updated_at == 86400")]
fn every_function_works(#[case] source: &str) {
    let expr = Expr::read(source, 1).unwrap_or_else(|error| panic!("{source}: {error:?}"));
    assert_eq!(expr.holds(&ExprFacts::sample()), Some(true), "{source}");
}

#[test]
fn a_variable_of_a_loop_ends_with_it() {
    let error = Expr::read("item.labels.exists(l, l == 'a') && l == 'b'", 1).expect_err("no `l`");
    assert_eq!(error.word.as_deref(), Some("l"));
}

#[test]
fn what_would_take_too_long_is_refused() {
    let brackets = format!("{}true{}", "(".repeat(400), ")".repeat(400));
    let signs = format!("{}true", "!".repeat(900));
    let spaced = format!("{}1 == 1", "- ".repeat(400));
    let questions = format!("{}true", "true ? true : ".repeat(60));
    let long = format!("'{}' == ''", "x".repeat(1000));
    let many = (0..5).map(|_| "item.labels.exists(l, true)").collect::<Vec<_>>().join(" && ");
    for source in [&brackets, &signs, &spaced, &questions, &long, &many] {
        assert!(Expr::read(source, 1).is_err(), "{source}");
    }
}

/// Two in each other take the square of the longest list, and texts as often.
#[test]
fn a_loop_inside_another_is_refused() {
    for outer in ["all", "exists", "exists_one", "filter", "map"] {
        for inner in ["all", "exists", "exists_one", "filter", "map"] {
            let nested =
                format!("size([item.labels.{outer}(a, item.labels.{inner}(b, true) == 1)]) > 0");
            let error = Expr::read(&nested, 1).expect_err(&nested);
            assert!(error.message.contains("a loop stands inside another one"), "{error:?}");
            assert!(error.help.is_some_and(|help| help.contains("side by side")));
        }
    }
    let after = "item.labels.filter(a, a != 'x').map(b, size(b)).exists(c, c > 0)";
    assert!(Expr::read(after, 1).is_ok(), "one after the other");
}

#[test]
fn the_longest_programs_are_worked_out() {
    for source in [
        format!("1{} > 0", "+1".repeat(38)),
        format!("1{} > 0", "+1".repeat(480)),
        format!("true{}", "&&true".repeat(160)),
        format!("item{}", ".title".repeat(160)),
        format!("[1]{}", "[0]".repeat(300)),
    ] {
        // Whatever the answer, there is one.
        if let Ok(expr) = Expr::read(&source, 1) {
            assert_eq!(expr.holds(&ExprFacts::sample()), Some(true), "{source}");
        }
    }
}

#[test]
fn what_cannot_be_worked_out_on_an_item_is_no_answer() {
    let expr = Expr::read("item.weight + item.votes.up > 0", 1).expect("fine on the example");
    let mut facts = ExprFacts::sample();
    facts.item.weight = None;
    assert_eq!(expr.holds(&facts), None);
    let expr = Expr::read("10 / item.votes.up > 0", 1).expect("fine on the example");
    facts.item.votes = Some(ExprVotes { up: 0, down: 0 });
    assert_eq!(expr.holds(&facts), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_program_panics(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("item"), Just("."), Just("title"), Just("("), Just(")"), Just("["), Just("]"),
                Just("{"), Just("}"), Just("'a'"), Just("1"), Just("-"), Just("!"), Just(" in "),
                Just("&&"), Just("||"), Just("=="), Just(">"), Just("?"), Just(":"), Just(","),
                Just("labels"), Just("exists"), Just("map"), Just("x"), Just("matches"),
                Just("9223372036854775807"), Just("/"), Just("%"), Just("0"), Just("+"), Just("*"),
                Just("null"), Just("size"), Just("\\"), Just("é"), Just("0x"), Just("1e999"),
                Just("b'"), Just("r\""), Just("now"), Just("\n"),
            ],
            0..25,
        ),
    ) {
        if let Ok(expr) = Expr::read(&parts.concat(), 1) {
            let _ = expr.holds(&ExprFacts::sample());
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = Expr::read(&text, 1);
    }
}
