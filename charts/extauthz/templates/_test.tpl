{{- /*
What `helm test` asks, as words: "grpc" and "http", where the pod can connect. Not the admin listener: whoever puts the
pod's labels on a pod gets through the network policy like it, and that listener reloads and tells of denials.
*/ -}}
{{- define "extauthz.testParts" -}}
{{- $parts := list -}}
{{- if .Values.test.enabled -}}
  {{- $shows := or (ne (include "extauthz.clientCA" .) "true") (not (empty .Values.test.clientSecret)) -}}
  {{- if and .Values.grpc.enabled (or $shows (not .Values.grpc.tls)) }}{{ $parts = append $parts "grpc" }}{{ end -}}
  {{- $denied := eq (include "extauthz.testDenied" .) "true" -}}
  {{- if and .Values.http.enabled $denied (or $shows (not .Values.http.tls)) }}{{ $parts = append $parts "http" }}{{ end -}}
{{- end -}}
{{- join "," $parts -}}
{{- end -}}

{{- /*
Whether a request without a certificate must be denied: not where a policy may let it in. With a configuration of one's
own the chart does not know, nor below which path the HTTP listener is asked.
*/ -}}
{{- define "extauthz.testDenied" -}}
{{- $denied := eq (include "extauthz.configSource" .) "inline" -}}
{{- range dig "policies" list (.Values.config | default dict) -}}
  {{- if eq (.certificate | default "required") "optional" }}{{ $denied = false }}{{ end -}}
{{- end -}}
{{- $denied -}}
{{- end -}}

{{- define "extauthz.testLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "extauthz.name" .) | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- /* The pod of `helm test` as a NetworkPolicyPeer: of this release, and in its namespace. */ -}}
{{- define "extauthz.testPeer" -}}
- podSelector:
    matchLabels:
      {{- include "extauthz.testLabels" . | nindent 6 }}
{{- end -}}

{{- /* Whether one of these parts speaks TLS. */ -}}
{{- define "extauthz.testTls" -}}
{{- $parts := include "extauthz.testParts" . | splitList "," -}}
{{- or (and (has "grpc" $parts) .Values.grpc.tls) (and (has "http" $parts) .Values.http.tls) -}}
{{- end -}}

{{- /* The arguments of one part. A list: the root, the part. */ -}}
{{- define "extauthz.testArguments" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- with $root.Values -}}
- health
- --address
{{- $tls := false }}
{{- if eq $part "grpc" }}
{{- $tls = .grpc.tls }}
- {{ include "extauthz.host" $root }}:{{ int .grpc.port }}
- --service
- envoy.service.auth.v3.Authorization
{{- if eq (include "extauthz.testDenied" $root) "true" }}
- --denied
{{- end }}
{{- else }}
{{- $tls = .http.tls }}
- {{ ternary "https" "http" .http.tls }}://{{ include "extauthz.host" $root }}:{{ int .http.port }}{{ dig "listen" "http" "prefix" "/check" .config }}
- --denied
{{- end }}
- --timeout
- "10"
{{- if $tls }}
- --tls-ca
- /etc/extauthz/tls/ca.crt
{{- if .test.clientSecret }}
- --tls-cert
- /etc/extauthz/client/tls.crt
- --tls-key
- /etc/extauthz/client/tls.key
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}
