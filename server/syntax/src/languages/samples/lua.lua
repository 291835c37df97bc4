#!/usr/bin/env lua
--- Keeps things.
-- @module store

local util = require("store.util")
local read = require "store.reader".read

---@class Store: Table
---@field size number
local M = {}
local cache = {}
M.VERSION = "1.0"
local MAX <const> = 3

--- Gets one.
---@param key string
---@return string?
function M.get(key, ...) -- looked up
  return cache[key] or M.fetch(util.trim(key))
end

-- Puts one in.
function M:set(key, value)
  self.items[key] = value
  self:notify("set", tostring(value))
end

function M.deep.er.run() end
local function helper() end
function global() return helper() end
M.assign = function(a) return a end
local arrow = function(x) return x end
M["odd-name"] = function() end

--[[
  In a block.
]]
function block() end

local opts = {
  ---Runs at the start.
  on_start = function(event)
    log(event)
    M.get(event)
    helper()
    return true
  end,
  name = "v",
}

describe("store", function()
  before_each(function() store.clear() end)

  it("gets", function()
    assert.equals(1, store.get("a"))
  end)
end)

return { setup = function(options) M.set(options) end }
