//! Writes tables as a training does, for tests and measurements that need no trained one.
//! It checks nothing, so that it can write wrong tables too.

/// The bytes of a table: each token with what one step of its row is worth, and its row, `dim` wide.
pub(crate) fn table_bytes(dim: usize, tokens: &[(&str, f32, Vec<i8>)]) -> Vec<u8> {
    let mut tokens: Vec<_> = tokens.iter().collect();
    tokens.sort_by_key(|(string, ..)| string.as_bytes());
    let n_slots = (tokens.len() * 2).next_power_of_two();
    let mut slots = vec![0u32; n_slots];
    let (mut ends, mut strings) = (Vec::new(), Vec::new());
    for (number, (string, ..)) in tokens.iter().enumerate() {
        let hash = string.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut slot = (hash ^ hash >> 32) as usize % n_slots;
        while slots[slot] != 0 {
            slot = (slot + 1) % n_slots;
        }
        slots[slot] = ((hash >> 52) as u32) << 20 | (number as u32 + 1);
        strings.extend_from_slice(string.as_bytes());
        ends.push(strings.len() as u32);
    }
    let mut out = b"BTNEMB1\0".to_vec();
    for number in [tokens.len(), dim, 0, n_slots, strings.len(), 0] {
        out.extend((number as u32).to_le_bytes());
    }
    out.extend(b"teststmp");
    let mut part = |bytes: Vec<u8>| {
        out.resize(out.len().next_multiple_of(64), 0);
        out.extend(bytes);
    };
    part(slots.into_iter().flat_map(u32::to_le_bytes).collect());
    part(ends.into_iter().flat_map(u32::to_le_bytes).collect());
    part(strings);
    part(tokens.iter().flat_map(|(_, scale, _)| scale.to_le_bytes()).collect());
    part(tokens.iter().flat_map(|(.., row)| row).map(|code| *code as u8).collect());
    out
}
