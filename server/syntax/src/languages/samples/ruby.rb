# frozen_string_literal: true

require "set"

# Keeps things.
#
# @see Cache
module Store
  VERSION = "1.0"

  # Remembers what was read.
  class Cache < Base::Table
    # How many there are.
    # @return [Integer]
    attr_reader :size

    # The first method.
    # @param key [String] what to look for
    def get(key, default: nil, &block) # looked up
      @map.fetch(key) { default || compute(key, &:name) }
    end

    # Makes one.
    def self.build(*args) = new(*args)

    class << self
      # Opens a file.
      def open(path)
        Reader.new(path)
      end
    end

    private def secret(x)
      x
    end

    def size=(value); end
    def ==(other); end

    Point = Struct.new(:x, :y) do
      def length = Math.sqrt(x * x + y * y)
    end

    define_method(:twice) { |n| n * 2 }
  end

  class Deep::Error < StandardError; end
end

def Store.helper(io)
  io.each_line do |line|
    def inner
      1
    end
  end
end

RSpec.describe Store::Cache, type: :model do
  let(:cache) { described_class.new }

  # About an empty one.
  context "when empty" do
    it "returns nil" do
      expect(cache.get("a")).to be_nil
    end
    it { is_expected.to be_empty }
  end
end

class CacheTest < Minitest::Test
  def setup
    @cache = Store::Cache.new
  end

  def test_get
    assert_equal 1, @cache.get("a")
  end

  test "the truth" do
    assert true
  end
end

namespace :db do
  desc "Moves the tables"
  task :migrate, [:version] => :environment do |t, args|
    Migrator.run(args)
  end

  task dump: :environment do
    dump_all
  end
end
