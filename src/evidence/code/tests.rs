//! Tests of queries to code: literals, parts of a file, limits, hostile files.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Entry, Found, MOST_BYTES, MOST_ENTRIES};
use crate::model::ProofKind;

const CONSTANTS: &str = "(constant) @key (scope_resolution) @key";

fn parsed(text: &str) -> Parsed {
    Parsed::new(Language::Ruby, text, Limits::default()).expect("valid")
}

fn ask(query: &str, text: &str) -> Found {
    parsed(text).ask(&Query::new(Language::Ruby, query).expect("valid"))
}

/// `line key`, or `line key=value`; what is open behind a question mark.
pub(super) fn shown(found: &Found) -> Vec<String> {
    let entry = |one: &Entry| match &one.value {
        Some(value) => format!("{} {}={value}", one.line, one.key),
        None => format!("{} {}", one.line, one.key),
    };
    let open = found.open.iter().map(|one| {
        let line = one.line.map_or("-".to_owned(), |line| line.to_string());
        match one.why {
            ProofKind::NotLiteral => format!("? {line} {}", one.what),
            why => format!("? {line} {why:?} {}", one.what),
        }
    });
    found.entries.iter().map(entry).chain(open).collect()
}

fn keys_of_f(argument: &str) -> Vec<String> {
    let query =
        "((call method: (identifier) @_m arguments: (argument_list . (_) @key)) (#eq? @_m \"f\"))";
    shown(&ask(query, &format!("f({argument})\n")))
}

#[rstest::rstest]
#[case::symbol(":foo", "foo")]
#[case::question(":foo?", "foo?")]
#[case::quoted_symbol(":\"foo bar\"", "foo bar")]
#[case::single(r"'it\'s \\ \n'", r"it's \ \n")]
#[case::double("\"a\\tb\\u00e4\\u{41 42}\\q\"", "a\tbäABq")]
#[case::empty("''", "")]
#[case::chained("'a' \"b\"", "ab")]
#[case::percent("%q(a)", "a")]
#[case::integer("1_000", "1000")]
#[case::negative("-1", "-1")]
#[case::float("1.50", "1.50")]
#[case::truth("true", "true")]
#[case::nothing("nil", "nil")]
#[case::constant("FOO", "FOO")]
#[case::scope("Net::HTTP", "Net::HTTP")]
#[case::top("::Net::HTTP", "Net::HTTP")]
#[case::identifier("foo", "foo")]
#[case::variable("@foo", "@foo")]
#[case::frozen("'a'.freeze", "a")]
#[case::parentheses("(('a'))", "a")]
fn literals_are_values(#[case] literal: &str, #[case] value: &str) {
    assert_eq!(keys_of_f(literal), [format!("1 {value}")]);
}

#[rstest::rstest]
#[case::interpolation("\"a#{b}\"")]
#[case::call("a.b")]
#[case::sum("'a' + 'b'")]
#[case::lambda("-> { true }")]
#[case::regex("/a/")]
#[case::hex("\"\\xff\"")]
#[case::scope_of_a_call("self.class::FOO")]
#[case::frozen_call("a.freeze")]
#[case::negated("!a")]
#[case::splat("*a")]
fn what_is_no_literal_is_open(#[case] code: &str) {
    assert_eq!(keys_of_f(code), [format!("? 1 {code}")]);
}

#[test]
fn the_elements_of_a_list_are_entries() {
    assert_eq!(keys_of_f("%w[a\n b #c]"), ["1 a", "2 b", "2 #c"]);
    assert_eq!(keys_of_f("%i[a b].freeze"), ["1 a", "1 b"]);
    assert_eq!(
        keys_of_f("[:a, # x\n 'b', B, *c, d.e, \"#{f}\", [1]]"),
        ["1 a", "2 b", "2 B", "? 2 *c", "? 2 d.e", "? 2 \"#{f}\"", "? 2 [1]"]
    );
    assert_eq!(keys_of_f("%W[a b#{c}]"), ["1 a", "? 1 b#{c}"]);
    assert_eq!(keys_of_f("[]"), Vec::<String>::new());
    let arguments = ask("(call arguments: (argument_list) @key)", "f :a, 'b', c: 1");
    assert_eq!(shown(&arguments), ["1 a", "1 b", "? 1 c: 1"]);
}

#[test]
fn values_belong_to_the_keys_of_their_match() {
    let query = "(pair key: (_) @key value: (_) @value) (pair key: (_) @key)";
    assert_eq!(
        shown(&ask(query, "f a: 1, 'b' => :c, d: e.f, g: %w[h]\n")),
        ["1 a=1", "1 b=c", "1 d", "1 g", "? 1 e.f", "? 1 %w[h]"]
    );
}

#[test]
fn comments_and_strings_are_no_code() {
    let text = "# Net::HTTP.get\nx = 'Net::HTTP'\ny = <<~A\n  Net::HTTP\nA\nz = :HTTP\n=begin\nNet::HTTP\n=end\n";
    assert_eq!(ask(CONSTANTS, text), Found::default());
    assert_eq!(
        shown(&ask(CONSTANTS, "x = \"#{Net::HTTP}\"\n__END__\nFoo")),
        ["1 Net", "1 Net::HTTP", "1 HTTP"]
    );
}

#[test]
fn entries_come_in_order_and_once() {
    let query = "(identifier) @key (call method: (identifier) @key) (constant) @key";
    assert_eq!(shown(&ask(query, "b.a B; b\nb\n")), ["1 b", "1 a", "1 B", "2 b"]);
}

#[test]
fn predicates_hold() {
    let ask = |predicate: &str| {
        shown(&ask(&format!("((identifier) @key {predicate})"), "foo\nbar\nbaz\n"))
    };
    assert_eq!(ask("(#eq? @key \"foo\")"), ["1 foo"]);
    assert_eq!(ask("(#not-eq? @key \"foo\")"), ["2 bar", "3 baz"]);
    assert_eq!(ask("(#match? @key \"^ba\")"), ["2 bar", "3 baz"]);
    assert_eq!(ask("(#not-match? @key \"r$\")"), ["1 foo", "3 baz"]);
    assert_eq!(ask("(#any-of? @key \"foo\" \"baz\")"), ["1 foo", "3 baz"]);
    assert_eq!(ask("(#not-any-of? @key \"foo\" \"baz\")"), ["2 bar"]);
}

#[test]
fn only_parts_of_a_file_can_be_asked() {
    let text = "def a\n  if x\n    y { :k1 }\n  end\nend\ndef b\n  :k2\nend\n:k3\n";
    let method =
        |name: &str, role: &str| format!("((method name: (_) @_m) @{role} (#eq? @_m \"{name}\"))");
    let keys = "(simple_symbol) @key (if) @open";
    let ask = |parts: &str| shown(&ask(&format!("{keys} {parts}"), text));
    assert_eq!(ask(&method("a", "inside")), ["3 k1", "? 2 if x y { :k1 } end"]);
    assert_eq!(ask(&method("a", "outside")), ["7 k2", "9 k3"]);
    assert_eq!(ask(&method("c", "inside")), Vec::<String>::new());
    let both = format!("{} {} (block) @outside", method("a", "inside"), method("b", "inside"));
    assert_eq!(ask(&both), ["7 k2", "? 2 if x y { :k1 } end"]);
}

#[test]
fn what_is_a_key_is_not_open() {
    let query = "(assignment right: (_) @open) (assignment right: (array) @key)";
    assert_eq!(shown(&ask(query, "a = [:b]\nc = d + [:e]\n")), ["1 b", "? 2 d + [:e]"]);
}

#[rstest::rstest]
#[case::open_class("class Foo\n  def a\n  end\n", 1)]
#[case::bad_line("class Foo\n  x\n  a = = b )\nend\n", 3)]
#[case::missing("x = 1\nfoo(a\n", 2)]
fn a_file_with_a_mistake_says_where(#[case] text: &str, #[case] line: u32) {
    let open = Parsed::new(Language::Ruby, text, Limits::default()).expect_err("refused");
    assert_eq!(open.why, ProofKind::DoesNotParse);
    assert_eq!(open.line, Some(line), "{open:?}");
}

#[test]
fn limits_are_told() {
    let new = |text: &str, limits| {
        Parsed::new(Language::Ruby, text, limits).map(|_| ()).expect_err("refused")
    };
    let open = new(&"#\n".repeat(MOST_BYTES), Limits::default());
    assert_eq!((open.why, open.what), (ProofKind::TooLarge, MOST_BYTES.to_string()));
    let open = new(&"a = [1]\n".repeat(1_000), Limits { steps: 5, ..Limits::default() });
    assert_eq!((open.why, open.what), (ProofKind::TookTooLong, "5".to_owned()));

    let many: String = (0..=MOST_ENTRIES).map(|number| format!("x{number}\n")).collect();
    let found = ask("(identifier) @key", &many);
    assert_eq!(found.entries.len(), MOST_ENTRIES);
    assert_eq!(found.open[0].why, ProofKind::TooMany);
    let mut slow = parsed(&many);
    slow.limits.query_steps = 2;
    let found = slow.ask(&Query::new(Language::Ruby, "(_) @key").expect("valid"));
    assert_eq!((found.open[0].why, found.open[0].line), (ProofKind::TookTooLong, None));
}

#[test]
fn too_many_matches_at_once_are_told() {
    let list = format!("f({})", "a, ".repeat(300));
    let query = "(argument_list (identifier) @_a (identifier) @_b (identifier) @_c (integer) @key)";
    let found = ask(query, &list);
    assert_eq!(found.entries, []);
    assert_eq!(found.open[0].why, ProofKind::TookTooLong);
}

#[test]
fn code_as_deep_as_it_is_long_overflows_nothing() {
    let deep = 5_000;
    let texts = [
        format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}1", "-".repeat(deep)),
        format!("A{}", "::A".repeat(deep)),
        format!("a{}", ".a".repeat(deep)),
        "[".repeat(deep),
        "{".repeat(deep),
        "class A\n".repeat(deep / 4),
        "\"#{".repeat(deep),
        "def a = ".repeat(deep / 4),
        "a ? b : ".repeat(deep / 4),
    ];
    for text in texts {
        let parsed = Parsed::new(Language::Ruby, text.as_str(), Limits::default());
        if let Ok(parsed) = parsed {
            for query in [CONSTANTS, "(_) @key", "(array (_) @key) @inside (call) @outside"] {
                parsed.ask(&Query::new(Language::Ruby, query).expect("valid"));
            }
        }
    }
}

/// Without the look at the text beforehand each of these ends the process.
#[test]
fn heredocs_that_the_scanner_does_not_survive_are_refused() {
    let texts = [
        format!("x = <<{}\n", "A".repeat(300)),
        format!("x = <<~\"{}\"\n", "A".repeat(300)),
        format!("{}\n", "x(<<A, ".repeat(300)),
        format!("{}<<{}\n", "\"#{".repeat(200), "A".repeat(19)),
    ];
    for text in texts {
        let open =
            Parsed::new(Language::Ruby, text.as_str(), Limits::default()).expect_err("refused");
        assert_eq!(open.why, ProofKind::DoesNotParse);
    }
}

#[test]
fn a_file_with_a_heredoc_and_a_mistake_is_given_up() {
    let text = format!("x = <<~A\n  b\nA\n{}) \n", "y = 1\n".repeat(100));
    let open = Parsed::new(Language::Ruby, text, Limits::default()).expect_err("refused");
    assert_eq!(open.why, ProofKind::DoesNotParse);
    assert!(open.line.is_some());
    let fine = parsed("x = <<~A.strip\n  #{b(\"c\")}\nA\ny = Foo\n");
    let found = fine.ask(&Query::new(Language::Ruby, CONSTANTS).expect("valid"));
    assert_eq!(shown(&found), ["4 Foo"]);
}

#[test]
fn windows_lines_and_a_byte_order_mark_change_nothing() {
    let found = ask("(simple_symbol) @key", "\u{feff}class Foo\r\n  field :a\r\nend\r\n");
    assert_eq!(shown(&found), ["2 a"]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(class |def |end\n|do |if |<<[~-]?[A-B]|#\\{|[%][wiq]?|[\"'`:/?\\\\(){}\\[\\]|&*@$=<>!.,;_]|a|A|1| |\n|A\n|\\PC){0,60}") {
        if let Ok(parsed) = Parsed::new(Language::Ruby, text.as_str(), Limits::default()) {
            for query in [CONSTANTS, "(_) @key", "(pair key: (_) @key value: (_) @value)"] {
                parsed.ask(&Query::new(Language::Ruby, query).expect("valid"));
            }
        }
    }
}
