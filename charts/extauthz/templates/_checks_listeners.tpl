{{- /* What does not go together in listeners and their certificates. */ -}}
{{- define "extauthz.checks.listeners" -}}
{{- $found := list -}}
{{- $tls := .Values.tls -}}
{{- $any := eq (include "extauthz.anyTls" .) "true" -}}
{{- if and $tls.secretName $tls.certManager.enabled -}}
  {{- $found = append $found "tls.secretName and tls.certManager.enabled are given: the certificate comes from one of them" -}}
{{- end -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef.name) -}}
  {{- $found = append $found "tls.certManager.issuerRef.name is missing: which issuer signs the certificate?" -}}
{{- end -}}
{{- if and $any (not $tls.secretName) (not $tls.certManager.enabled) -}}
  {{- $found = append $found "a listener has tls: true and there is no certificate: give tls.secretName, or enable tls.certManager" -}}
{{- end -}}
{{- if and (not $any) (or $tls.secretName $tls.certManager.enabled (eq (include "extauthz.clientCA" .) "true")) -}}
  {{- $found = append $found "tls is given and no listener uses it: set grpc.tls or http.tls" -}}
{{- end -}}
{{- if and $any (eq (include "extauthz.clientCA" .) "true") -}}
  {{- range $name := list "grpc" "http" -}}
    {{- if and (index $.Values $name).enabled (not (index $.Values $name).tls) -}}
      {{- $found = append $found (printf "tls.clientCA is given and %s.tls is false: who has no certificate could ask there all the same; set %s.tls, or %s.enabled to false and give that listener a release of its own" $name $name $name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with $tls.certManager -}}
  {{- if and .enabled (le (include "extauthz.milliseconds" .duration | int) (include "extauthz.milliseconds" .renewBefore | int)) -}}
    {{- $found = append $found (printf "tls.certManager.renewBefore (%s) is not less than its duration (%s): the certificate would be renewed without end" .renewBefore .duration) -}}
  {{- end -}}
{{- end -}}
{{- with $tls.certManager.issuerRef -}}
  {{- if and $tls.certManager.enabled (eq .group "cert-manager.io") (not (has .kind (list "Issuer" "ClusterIssuer"))) -}}
    {{- $found = append $found (printf "tls.certManager.issuerRef.kind is %s: cert-manager has Issuer and ClusterIssuer; others come with a group of their own" .kind) -}}
  {{- end -}}
{{- end -}}
{{- $authorities := list -}}
{{- range $key := list "configMap" "secret" "bundle" -}}
  {{- if index $tls.clientCA $key }}{{ $authorities = append $authorities (printf "tls.clientCA.%s" $key) }}{{ end -}}
{{- end -}}
{{- if gt (len $authorities) 1 -}}
  {{- $found = append $found (printf "%s are given: the CAs of the proxies come from one of them" (join " and " $authorities)) -}}
{{- end -}}
{{- $ownName := printf "%s-tls" (include "extauthz.name" .) -}}
{{- $given := tpl ($tls.clientCA.secret | default "") . -}}
{{- if and $tls.certManager.enabled (ne $given (include "extauthz.tlsSecret" .)) (or (eq $given $ownName) (hasSuffix (printf "-%s" $ownName) $given)) -}}
  {{- $found = append $found (printf "tls.clientCA.secret is %s, and cert-manager writes the Secret of this release as %s: no pod would start; name that, or a Secret that is called otherwise" $given (include "extauthz.tlsSecret" .)) -}}
{{- end -}}
{{- if and (dig "listen" "grpc" "tls" "allowed_clients" list (.Values.config | default dict)) (not $authorities) -}}
  {{- $found = append $found "config.listen.grpc.tls.allowed_clients needs tls.clientCA: without it no client shows a certificate" -}}
{{- end -}}
{{- if and .Values.http.callerSecret.secret (not .Values.http.enabled) -}}
  {{- $found = append $found "http.callerSecret is given and http.enabled is false" -}}
{{- end -}}
{{- if and .Values.test.clientSecret (not $authorities) -}}
  {{- $found = append $found "test.clientSecret is for tls.clientCA, which is not given" -}}
{{- end -}}
{{- $ports := dict -}}
{{- range $name := list "grpc" "http" "admin" -}}
  {{- $section := index $.Values $name -}}
  {{- if or (eq $name "admin") $section.enabled -}}
    {{- $port := $section.port | int | toString -}}
    {{- if lt (int $section.port) 1024 -}}
      {{- $found = append $found (printf "%s.port is %s: the pods have no right to listen below 1024, which not every node lets them do without" $name $port) -}}
    {{- end -}}
    {{- if hasKey $ports $port -}}
      {{- $found = append $found (printf "%s.port and %s.port are both %s" (index $ports $port) $name $port) -}}
    {{- end -}}
    {{- $_ := set $ports $port $name -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
