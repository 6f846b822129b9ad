vcl 4.1;

# A shared page cache that asks the portal at every request whether its copy still holds (ETag,
# `max-age=0, must-revalidate`): the answer is 304 without rendering. Blocks with `deliver: esi` it
# puts in itself, each kept by its own address. With the portal gone it shows what it has for a day.
import std;

backend portal {
    # A name with one address: `balance` of compose.yaml, or the Service of Kubernetes (portal, 8000).
    .host = "balance";
    .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
    .probe = {
        # Health answers whatever host is asked for.
        .request =
            "GET /-/health/ready HTTP/1.1"
            "Host: balance"
            "Connection: close";
        .interval = 5s;
        .timeout = 2s;
        .window = 4;
        .threshold = 2;
    }
}

sub vcl_recv {
    # The portal believes as many hops as there are proxies that name the reader: the one before
    # this. The address that Varnish has added is that proxy's.
    if (req.restarts == 0) {
        set req.http.X-Forwarded-For = regsub(req.http.X-Forwarded-For, ",[^,]*$", "");
    }
    # Never in a shared cache: what is for few, and what changes something.
    if (req.url ~ "^/-/(ops|operators|studio|health|metrics)") { return (pass); }
    if (req.method != "GET" && req.method != "HEAD") { return (pass); }
    # Readers have no cookie and no say in the cache key beyond host and address.
    unset req.http.Cookie;
    unset req.http.Accept-Language;
    unset req.http.Surrogate-Capability;
    set req.http.Host = std.tolower(regsub(req.http.Host, ":\d+$", ""));
    # What campaigns hang onto addresses, and the order of arguments, make no other page.
    if (req.url ~ "\?") {
        set req.url = regsuball(req.url, "([?&])(utm_[a-z]+|fbclid|gclid|zarsrc)=[^&]*", "\1");
        set req.url = regsub(regsuball(regsub(req.url, "\?&+", "?"), "&&+", "&"), "[?&]+$", "");
        set req.url = std.querysort(req.url);
    }
    # Every reader asks the portal, none waits for another one's answer: it is the portal that
    # renders a page once for all who ask at the same time.
    set req.hash_ignore_busy = true;
    unset req.http.X-Again;
    if (req.restarts > 0) {
        set req.http.X-Again = "1";
        set req.grace = 1d;
    } elsif (std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    }
    return (hash);
}

sub vcl_backend_fetch {
    set bereq.http.Surrogate-Capability = {"varnish="ESI/1.0""};
}

sub vcl_backend_response {
    # An error never replaces a page that is still there; only who is asked again shows it, and a
    # block that fails leaves a gap and no error page within the page.
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch || !bereq.http.X-Again) { return (abandon); }
        if (bereq.url ~ "^/-/fragments/") { return (error(503)); }
    }
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "no-store|private" || beresp.status >= 500) {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
    } elsif (beresp.status == 200 && beresp.http.ETag) {
        # Without any life Varnish would forget the copy that it is to ask about; this one is over
        # before it has arrived.
        if (bereq.url !~ "^/-/(assets|media)/") { set beresp.ttl = 0.001ms; }
        set beresp.grace = 1d;
        set beresp.keep = 1d;
    }
    if (beresp.http.Surrogate-Control ~ "ESI/1.0") {
        unset beresp.http.Surrogate-Control;
        set beresp.do_esi = true;
        set beresp.http.X-Assembled = "1";
    }
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.url ~ "^/-/fragments/") {
        set beresp.status = 503;
        set beresp.ttl = 0s;
        synthetic("");
        return (deliver);
    }
}

sub vcl_synth {
    if (resp.status == 503 && req.restarts == 0) { return (restart); }
    if (req.esi_level > 0) {
        synthetic("");
        return (deliver);
    }
}

sub vcl_deliver {
    # What failed is looked for once more, among what is known of the last day too.
    if (resp.status >= 500 && req.restarts == 0 && (req.method == "GET" || req.method == "HEAD")) {
        return (restart);
    }
    # The ETag is that of the page without its blocks: it proves nothing to a browser.
    if (resp.http.X-Assembled) {
        unset resp.http.X-Assembled;
        unset resp.http.ETag;
    }
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    unset resp.http.Age;
}
