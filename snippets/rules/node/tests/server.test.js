import test from "node:test";
import { serve } from "../src/server.js";

test("it serves", () => serve(0));
