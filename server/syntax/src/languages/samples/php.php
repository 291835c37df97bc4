<!doctype html>
<?php
declare(strict_types=1);

namespace App\Store;

use Psr\Log\LoggerInterface as Log;
use function App\helper;

const LIMIT = 3;
define('OTHER', 1);

/**
 * Remembers what was read.
 *
 * @template T of Item
 */
#[Attr(1)]
final class Cache extends Base implements \Countable, Table
{
    use Loggable;

    public const MAX = 10;
    private ?int $size = null;

    // The log.
    public function __construct(private readonly Log $log, int $size = self::MAX)
    {
        parent::__construct();
    }

    /** Gets one. */
    #[Pure]
    public function get(string $key, mixed ...$rest): ?Item
    {
        if ($key instanceof Path) {
            return $this->fetch($key) ?? self::make($key)?->read();
        }
        return helper($key) ?? new Item(Kind::First);
    }

    abstract protected static function make(Path|string $key): static;
}

interface Shape { public function area(): float; }
trait Loggable { function log($message) { Log\write($message); } }
enum Suit: string {
    case Hearts = 'H';
    const Wild = self::Hearts;
    public function label(): string { return ucfirst($this->name); }
}

/* Adds. */
function add(int $a, int $b): int { return $a + $b; }
$double = fn($x) => $x * 2;

class CacheTest extends TestCase
{
    public function setUp(): void {}
    public function testGet(): void { $this->assertNull((new Cache())->get('a')); }
    /**
     * Puts one in.
     * @test
     */
    public function puts_one() {}
    #[Test]
    public function works() {}
    public function testing() {}
}

describe('cache', function () {
    it('gets', function () {
        expect(get('a'))->toBeNull();
    });
});
