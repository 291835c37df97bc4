//! Keeps things.
const std = @import("std");
const Allocator = std.mem.Allocator;
const testing = @import("std").testing;

/// Remembers what was read.
pub const Cache = struct {
    /// How many there are.
    size: usize = 0,
    items: []Item,
    const Self = @This();
    pub const limit: usize = 10;

    /// Gets one.
    pub fn get(self: *Self, key: []const u8, gpa: Allocator) !?Item {
        // Not in the signature.
        return self.fetch(key) catch helper(gpa);
    }

    test "inside" {}
};

/// A list of anything.
pub fn List(comptime T: type) type {
    return struct {
        items: []T,
        pub fn append(self: *@This(), x: T) void {
            self.items[0] = x;
        }
    };
}

const Kind = enum { first, second, fn label() void {} };
const Either = union(enum) { left: u8, right: void };
const Failure = error{ NotFound, Denied };
const Handle = opaque {};
var global: u32 = 1;
extern fn c_read(x: c_int) c_int;
pub inline fn add(a: u8, b: u8) u8 {
    return a + b;
}

test "gets one" {
    const cache = Cache{ .size = 1 };
    try testing.expect(cache.get("a") == null);
}
test Cache {
    _ = List(u8);
}
test {
    _ = Cache;
}

fn scan() void {
    var state: enum { start, end } = .start;
    state = .end;
}
