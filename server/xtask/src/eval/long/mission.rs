//! A mission that goes on and on over a library that stays as large as it is, and a model that answers by what it is asked.

use fixture::Scripted;
use serde_json::Value;

/// Modules that are changed in turn.
const MODULES: usize = 8;
/// What there is a price of, each in each way: different enough that a search takes none for another.
const GOODS: &[&str] = &[
    "bread", "candles", "cement", "cheese", "cotton", "flour", "glass", "honey", "ink", "lamps",
    "nails", "oil", "paper", "rope", "salt", "silk", "soap", "tea", "tin", "wool",
];
/// Each module has two.
const WAYS: &[(&str, &str)] = &[
    ("retail", "amount + amount // 5"),
    ("wholesale", "amount - amount // 4"),
    ("export", "amount * 3 + 70"),
    ("import", "max(amount, 12) * 2"),
    ("auction", "min(amount, 900) + 31"),
    ("discount", "amount - min(amount, 50)"),
    ("damaged", "amount // 2"),
    ("reserved", "amount + 15"),
    ("seasonal", "amount * 7 // 6"),
    ("sample", "amount % 10"),
    ("bulk", "amount * 9 // 10 + 4"),
    ("express", "amount + 220"),
    ("returned", "-amount"),
    ("member", "amount * 19 // 20"),
    ("insured", "amount + amount // 50"),
    ("taxed", "amount * 119 // 100"),
];

/// Of an item: plan, code, and a look at the code.
pub(super) const TURNS_AN_ITEM: usize = 3;

/// The library, in the fixture language.
pub(super) fn files() -> String {
    let mut text = "//- /.gitignore\n__pycache__/\n//- /baton.toml\n[tests]\ncommand = [\"sh\", \"check.sh\"]\n\
                    //- /check.sh\nfor file in *.py; do\n  grep -q RATE \"$file\" || exit 1\ndone\n"
        .to_owned();
    for module in 0..MODULES {
        text.push_str(&format!("//- /part{module}.py\nRATE = 1000\n"));
        for (way, rule) in WAYS.iter().skip(2 * module).take(2) {
            for goods in GOODS {
                text.push_str(&format!(
                    "\n\ndef {way}_{goods}(amount):\n    \"\"\"What an amount of {goods} costs, {way}, at the rate of part {module}.\"\"\"\n    \
                     {goods} = {rule}\n    return {goods} * RATE\n"
                ));
            }
        }
    }
    text
}

/// An item a line.
pub(super) fn roadmap(items: usize) -> String {
    (0..items).map(|item| format!("{}\n", title(item))).collect()
}

/// Of the same length for all of them.
fn title(item: usize) -> String {
    format!("Raise the rate of part {} to {} for what an amount costs", item % MODULES, rate(item))
}

fn rate(item: usize) -> usize {
    1001 + item
}

/// What is asked names its item by part and rate.
pub(super) fn reply(request: &Value) -> Scripted {
    let said = request["messages"][1]["content"].as_str().unwrap_or_default();
    let wanted = request["response_format"]["json_schema"]["name"].as_str().unwrap_or_default();
    let Some((module, rate)) = item_of(said) else {
        return Scripted::refusal(400, "nobody has asked for that");
    };
    Scripted::Text(match wanted {
        "plan" => format!(
            r#"{{"analysis": {{"components": ["part{module}"], "dependencies": [], "architecture_type": "library", "complexity": "simple",
 "summary": "Another rate."}}, "structure": {{"files": {{"part{module}.py": "prices"}}}}, "tasks": [
 {{"id": "rate", "role": "coder", "instruction": "Raise the rate of part {module} to {rate} for what an amount costs", "files": ["part{module}.py"]}}]}}"#
        ),
        "coherence" => r#"{"is_coherent": true}"#.to_owned(),
        _ => format!(
            "The rate is {rate}.\n\npart{module}.py\n<<<<<<< SEARCH\nRATE = {}\n=======\nRATE = {rate}\n>>>>>>> REPLACE\n",
            before(rate)
        ),
    })
}

/// What stands under the title of the task; memory and context may hold other items.
fn item_of(said: &str) -> Option<(usize, usize)> {
    let titles = ["## The request\n```\n", "## The task\n```\n"];
    let asked = titles.iter().find_map(|title| said.split_once(title))?.1;
    let words: Vec<&str> = asked.lines().next()?.split(' ').collect();
    match words.as_slice() {
        ["Raise", "the", "rate", "of", "part", module, "to", rate, ..] => {
            Some((module.parse().ok()?, rate.parse().ok()?))
        }
        _ => None,
    }
}

/// The rate that the part has until then.
fn before(rate: usize) -> usize {
    if rate < 1001 + MODULES { 1000 } else { rate - MODULES }
}
