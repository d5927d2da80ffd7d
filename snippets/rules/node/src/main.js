// The process.
import { serve } from "./server.js";

serve(Number(process.env.SERVICE_PORT));
