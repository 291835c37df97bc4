//! Conditions of the index as filters of the server.
//! They name fields that `points` fills.

use index::{Conditions, PathTest, PointId};
use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::{Condition, FieldCondition, Filter, Match, RepeatedStrings};

use crate::points::field;

/// Points of a workspace for which `conditions` hold.
pub(crate) fn filter(workspace: &str, conditions: &Conditions) -> Filter {
    let Conditions { any, none, languages, is_test, not_in } = conditions;
    let mut must = vec![is(field::WORKSPACE, workspace)];
    if !any.is_empty() {
        let should = any.iter().map(test).collect();
        let filter = Filter { should, ..Filter::default() };
        must.push(Condition { condition_one_of: Some(ConditionOneOf::Filter(filter)) });
    }
    if !languages.is_empty() {
        must.push(is_one_of(field::LANGUAGE, languages.clone()));
    }
    must.extend(is_test.map(|is_test| matches(field::IS_TEST, MatchValue::Boolean(is_test))));
    let mut must_not: Vec<Condition> = none.iter().map(test).collect();
    if !not_in.is_empty() {
        must_not.push(in_files(not_in));
    }
    Filter { must, must_not, ..Filter::default() }
}

/// Points of these files.
pub(crate) fn in_files(files: &[PointId]) -> Condition {
    is_one_of(field::FILE, files.iter().map(PointId::to_string).collect())
}

/// Points with this text in a field, or in its list.
pub(crate) fn is(name: &str, text: &str) -> Condition {
    matches(name, MatchValue::Keyword(text.to_owned()))
}

fn is_one_of(name: &str, strings: Vec<String>) -> Condition {
    matches(name, MatchValue::Keywords(RepeatedStrings { strings }))
}

fn test(test: &PathTest) -> Condition {
    match test {
        PathTest::Under(place) => is(field::UNDER, place),
        PathTest::Named(name) => is(field::NAMES, name),
        PathTest::Ends(end) => is(field::ENDS, end),
    }
}

fn matches(name: &str, value: MatchValue) -> Condition {
    let r#match = Some(Match { match_value: Some(value) });
    let field = FieldCondition { key: name.to_owned(), r#match, ..FieldCondition::default() };
    Condition { condition_one_of: Some(ConditionOneOf::Field(field)) }
}
