//! Words of generated source: few that are everywhere, many that are seldom, and some that one project or file speaks of all the
//! time. It writes no code.

use crate::random::Random;

/// All words that there are; a real corpus of some million functions has about as many.
const N_WORDS: usize = 400_000;

/// Words that a project and a file speak of.
const OF_PROJECT: usize = 300;
const OF_FILE: usize = 40;

/// The most frequent ones, so that questions and the table of code words know some.
const COMMON: &str = "get set value name data list key type id index size item node file path result error test new add \
    string count state config user update create remove read write parse load save open close start stop run init build make \
    find search query filter sort map reduce merge split join format print log debug info warn time date event handler \
    request response server client socket connect send receive message queue stack tree graph edge vertex parent child root \
    leaf left right next prev first last begin end length width height offset position range min max sum total average \
    buffer stream input output source target cache store memory disk block page table column row field record entry model \
    view controller service manager factory builder provider context session token auth login password hash encrypt decode \
    encode json xml html url http header body param option flag mode level status code lock thread task worker pool \
    schedule timer retry timeout limit rate batch chunk segment vector matrix point line color image font layout render draw \
    click mouse keyboard window dialog button menu label text char byte number integer float boolean array object class \
    method function call invoke apply bind compare equal match replace insert delete append copy clone move swap reverse \
    check validate verify compute convert transform resolve register notify publish subscribe listen dispatch process";

const CONSONANTS: &[u8] = b"bcdfghklmnprstv";
const VOWELS: &[u8] = b"aeiou";

/// The words of one file, by how often they come.
pub(crate) struct Vocabulary<'p> {
    common: Vec<&'static str>,
    project: &'p [usize],
    file: Vec<usize>,
}

/// What a project speaks of.
pub(crate) fn of_project(random: &mut Random) -> Vec<usize> {
    (0..OF_PROJECT).map(|_| random.zipf(N_WORDS)).collect()
}

impl<'p> Vocabulary<'p> {
    pub(crate) fn new(project: &'p [usize], random: &mut Random) -> Vocabulary<'p> {
        let mut one = |_| match random.chance(0.6) {
            true => project[random.below(project.len())],
            false => random.zipf(N_WORDS),
        };
        let file = (0..OF_FILE).map(&mut one).collect();
        Vocabulary { common: COMMON.split_whitespace().collect(), project, file }
    }

    pub(crate) fn word(&self, random: &mut Random) -> String {
        let at = random.unit();
        let rank = if at < 0.45 {
            self.file[random.zipf(OF_FILE)]
        } else if at < 0.7 {
            self.project[random.zipf(OF_PROJECT)]
        } else {
            random.zipf(N_WORDS)
        };
        self.at(rank)
    }

    /// One to three words.
    pub(crate) fn name(&self, random: &mut Random) -> Vec<String> {
        let n_words = 1 + random.below(3);
        (0..n_words).map(|_| self.word(random)).collect()
    }

    fn at(&self, rank: usize) -> String {
        if let Some(word) = self.common.get(rank) {
            return (*word).to_owned();
        }
        let n_syllables = CONSONANTS.len() * VOWELS.len();
        let mut left = rank - self.common.len();
        let mut word = String::new();
        // Two syllables at least: shorter ones would be words of prose.
        while word.len() < 4 || 0 < left {
            let syllable = left % n_syllables;
            word.push(CONSONANTS[syllable / VOWELS.len()] as char);
            word.push(VOWELS[syllable % VOWELS.len()] as char);
            left /= n_syllables;
        }
        word
    }
}
