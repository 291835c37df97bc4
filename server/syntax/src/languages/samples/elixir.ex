defmodule Store.Cache do
  @moduledoc """
  Remembers what was read.

      iex> Store.Cache.get("a")
  """
  use GenServer
  alias Store.{Item, Path}
  @behaviour Table
  @limit 10

  @typedoc "What to look for."
  @type key :: String.t() | Path.t()
  @opaque state(a) :: a

  @callback read(key, opts :: keyword) :: {:ok, term} when term: var

  defstruct [:items, size: 0]

  @doc """
  Gets one.

  Or another.
  """
  @doc since: "1.0"
  @spec get(key, any) :: any
  def get(key, default \\ nil)

  def get(key, default) when is_binary(key) do
    key |> Path.parse() |> fetch(default)
  end

  # Anything else.
  def get(_key, _default), do: raise("not implemented")

  @doc "Short."
  def put(key, value), do: %Item{key: key, value: value}
  @doc ~S'Other \d'
  def put(key), do: put(key, nil)

  defp fetch(key, default) do
    Enum.map(key, &read/1)
    default
  end

  def zero, do: 0
  def no_arguments do
    1
  end
  def a <~> b, do: merge(a, b)

  @doc false
  defmacro log(text) do
    quote do: IO.puts(unquote(text))
  end
  defguard is_key(x) when is_binary(x)
  defdelegate keys(map), to: Map

  @impl true
  def init(state), do: {:ok, state}

  defmodule Inner do
    # A comment.
    def deep(), do: 1
  end
end

defprotocol Shape do
  @doc "How large it is."
  def area(shape)
end

defimpl Shape, for: Store.Cache do
  def area(_), do: 1
end

defmodule Store.CacheTest do
  use ExUnit.Case, async: true
  @moduletag :slow

  describe "get/2" do
    setup do
      :ok
    end

    @tag :fast
    test "returns nil", %{conn: conn} do
      assert Store.Cache.get(conn, "a") == nil
    end
  end
end
