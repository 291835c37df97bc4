//
//  Store.swift
//

import Foundation
import struct Core.Path

/// Remembers what was read.
///
/// - Note: not safe for threads.
@available(iOS 13, *)
public final class Cache<Key: Hashable, Value>: Table, Sendable where Key: Codable {
    /// How many there are.
    public private(set) var size: Int = 0
    /// The one that all share.
    static let shared = Cache()

    var isFull: Bool {
        return size == Limits.max
    }

    /// Gets one.
    @discardableResult
    public func get(_ key: Key, default other: Value? = nil) async throws -> Value? {
        try await reader.read(key).map { Item($0) } ?? .make(other)
    }

    public init?(size: Int) { self.size = size }
    deinit { close() }
    subscript(index: Int) -> Value { items[index] }
    class Node {}
    static func == (lhs: Cache, rhs: Cache) -> Bool { true }
}

struct Point { var x: Int }
enum Kind: String {
    case first, second
    func label() -> String { rawValue.capitalized }
}
/** What has an area. */
protocol Shape: AnyObject {
    associatedtype Unit
    var name: String { get }
    /// How large it is.
    func area() -> Double
}
extension Cache: Shape where Key == String { func area() -> Double { 1 } }
extension Outer.Inner { func deep() {} }
actor Worker { func run() async {} }
typealias Table<K> = [K: Int]
let limit = 10
func free<T>(x: T) -> T { let local = 1; return Cache<T>(x).value }
#if os(iOS)
func mobile() {}
#endif
macro stringify(_ x: Int) -> String = #externalMacro(module: "M", type: "T")

final class CacheTests: XCTestCase {
    override func setUp() {}
    func testGet() { XCTAssertNil(Cache().get("a")) }
    func testing() {}
}

@Suite struct Things {
    @Test("adds numbers", .tags(.fast)) func adds() async {}
    func helper() {}
}
