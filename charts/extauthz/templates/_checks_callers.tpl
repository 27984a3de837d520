{{- /* Who may ask over HTTP: with these mistakes the service would not start. */ -}}
{{- define "extauthz.checks.callers" -}}
{{- $found := list -}}
{{- $http := dig "listen" "http" dict (.Values.config | default dict) -}}
{{- $callers := $http.callers | default dict -}}
{{- $given := .Values.http.callerSecret.secret -}}
{{- if and $http.unsafe_any_caller (or $callers $given) -}}
  {{- $found = append $found "config.listen.http.unsafe_any_caller lets everybody ask, and callers or http.callerSecret says who may: take one of them away" -}}
{{- else if not (or $http.unsafe_any_caller $callers $given) -}}
  {{- $found = append $found "config.listen.http.callers is missing: say which proxy may ask, such as {addresses: [10.0.0.0/8]}, or give http.callerSecret" -}}
{{- end -}}
{{- range $callers.addresses -}}
  {{- if regexMatch "/0+$" . -}}
    {{- $found = append $found (printf "config.listen.http.callers.addresses has %s, which is everybody: name the networks of your proxies, or write unsafe_any_caller: true instead of callers" .) -}}
  {{- end -}}
  {{- $network := include "extauthz.network" . -}}
  {{- if and $network (ne $network .) -}}
    {{- $found = append $found (printf "config.listen.http.callers.addresses has %s, and that network is %s: write this, or %s/32 for the one address" . $network (splitList "/" . | first)) -}}
  {{- end -}}
{{- end -}}
{{- if hasKey $callers "secret" -}}
  {{- $file := dig "file" "" ($callers.secret | default dict) -}}
  {{- if and $given $file -}}
    {{- $found = append $found "config.listen.http.callers.secret.file is the chart's to set where http.callerSecret is given: leave one of them out" -}}
  {{- else if not (or $given $file) -}}
    {{- $found = append $found "config.listen.http.callers.secret has no secret: name the Secret that holds it in http.callerSecret.secret" -}}
  {{- end -}}
{{- end -}}
{{- if and $callers.clients (not (and .Values.http.tls (eq (include "extauthz.clientCA" .) "true"))) -}}
  {{- $found = append $found "config.listen.http.callers.clients needs http.tls and tls.clientCA: without them no proxy shows a certificate" -}}
{{- end -}}
{{- if $callers.unix_users -}}
  {{- $found = append $found "config.listen.http.callers.unix_users is for Unix sockets, and the chart's listener is a port: use addresses, clients or secret" -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{- /* The network that an IPv4 address with a prefix length is in, such as 10.0.0.0/8 for 10.1.2.3/8; else nothing. */ -}}
{{- define "extauthz.network" -}}
{{- if regexMatch "^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+/([0-9]|[12][0-9]|3[0-2])$" . -}}
  {{- $length := splitList "/" . | last | int -}}
  {{- $number := 0 -}}
  {{- range splitList "/" . | first | splitList "." }}{{ $number = add (mul $number 256) (int .) }}{{ end -}}
  {{- $size := 1 -}}
  {{- range until (sub 32 $length | int) }}{{ $size = mul $size 2 }}{{ end -}}
  {{- $first := sub $number (mod $number $size) -}}
  {{- printf "%d.%d.%d.%d/%d" (div $first 16777216) (mod (div $first 65536) 256) (mod (div $first 256) 256) (mod $first 256) $length -}}
{{- end -}}
{{- end -}}
