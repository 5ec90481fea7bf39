/* Begin the page: the upload without a session, the workplace with one. */
import { shared } from "./api.js";

await import(shared.session ? "./work.js" : "./upload.js");
