//! States are those of a plain list, and copies do not see each other's changes.

use super::{BLOCK, States};
use crate::part::DocState;

const ALIVE: DocState = DocState { stamp: None, is_alive: true, is_unsaved: false };
const DEAD: DocState = DocState { is_alive: false, ..ALIVE };

#[test]
fn blocks_are_as_one_list() {
    for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
        let mut plain = vec![ALIVE; len];
        let before = States::new(&plain);
        let mut states = before.clone();
        for doc in (0..len).step_by(7) {
            plain[doc] = DEAD;
            assert_eq!(states.replace(doc as u32, DEAD), Some(ALIVE));
        }
        assert_eq!(states.len(), len);
        assert!(states.iter().eq(&plain));
        for doc in 0..len as u32 + 70 {
            assert_eq!(states.get(doc), plain.get(doc as usize));
            assert_eq!(states.is_alive(doc), states.get(doc).is_some_and(|state| state.is_alive));
        }
        assert_eq!(states.replace(len as u32, DEAD), None);
        assert!(before.iter().all(|state| *state == ALIVE));
    }
}
