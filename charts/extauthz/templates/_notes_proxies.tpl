{{- /* What the proxy's side needs, for who asks by these values. */ -}}
{{- define "extauthz.notes.proxies" -}}
{{- $istio := .Values.istio.authorizationPolicy -}}
{{- $gateway := .Values.envoyGateway.securityPolicy -}}
{{- if $istio.enabled }}
{{ include "extauthz.notes.istio" . }}
{{- end }}
{{- if $gateway.enabled }}
{{ include "extauthz.notes.envoyGateway" . }}
{{- end }}
{{- if and .Values.grpc.enabled (not $istio.enabled) (not $gateway.enabled) }}
{{ include "extauthz.notes.envoy" . }}
{{- end }}
{{- if .Values.http.enabled }}
{{ include "extauthz.notes.http" . }}
{{- end }}
{{- end -}}

{{- define "extauthz.notes.istio" -}}
{{- $policy := .Values.istio.authorizationPolicy -}}
{{- $namespace := $policy.namespace | default .Release.Namespace }}
   Istio
   - The AuthorizationPolicy is in namespace {{ $namespace }}, and has only gateways there ask. Is yours there?
   {{- include "extauthz.notes.gateways" (list . "istio.authorizationPolicy" $policy) }}
   - The provider is part of the mesh. Merge this into the values of the chart istiod; until it is there, Istio denies
     what the policy is for:

     meshConfig:
       extensionProviders:
       - name: {{ $policy.provider }}
         envoyExtAuthzGrpc:
           service: {{ include "extauthz.host" . }}.cluster.local
           port: {{ int .Values.grpc.port }}
           timeout: 0.5s
           failOpen: false
           statusOnError: "503"

   - The gateway must ask clients for a certificate: in its Gateway, for each server,

     tls:
       mode: MUTUAL
       credentialName: NAME

     and Secret NAME in {{ $namespace }} with tls.crt, tls.key and ca.crt, the CAs of the clients.
     {{- if $policy.targetRefs }} With the Gateway API:
     tls.options of the listener, gateway.istio.io/tls-terminate-mode: MUTUAL.
     {{- end }}
   {{- if eq (get (.Values.podLabels | default dict) "sidecar.istio.io/inject") "false" }}
   - The pods of extauthz have no sidecar: no DestinationRule may have the gateway speak mutual TLS to them.
   {{- end }}
   {{- if $policy.rules }}
   - WARNING: rules are given. What none of them matches is not asked about, and gets through.
   {{- end }}
{{- end -}}

{{- define "extauthz.notes.envoyGateway" -}}
{{- $policy := .Values.envoyGateway.securityPolicy -}}
{{- $namespace := $policy.namespace | default .Release.Namespace }}
   Envoy Gateway
   - The SecurityPolicy is in namespace {{ $namespace }}, and counts for {{ range $index, $target := $policy.targetRefs }}{{ if $index }}, {{ end }}{{ $target.kind }} {{ $target.name }}{{ end }} there. Is it there?
   {{- include "extauthz.notes.gateways" (list . "envoyGateway.securityPolicy" $policy) }}
   - The certificate must be asked for and forwarded. In namespace {{ $namespace }}, for the same Gateway:

     apiVersion: gateway.envoyproxy.io/v1alpha1
     kind: ClientTrafficPolicy
     metadata: {name: client-certificates, namespace: {{ $namespace }}}
     spec:
       targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: NAME}]
       tls:
         clientValidation:
           caCertificateRefs: [{kind: ConfigMap, name: NAME}]
           optional: false
       headers:
         xForwardedClientCert: {mode: SanitizeSet, certDetailsToAdd: [Cert, Chain]}

     with the CAs of the clients in key ca.crt of that ConfigMap.
   - The SecurityPolicy must be accepted: kubectl --namespace {{ $namespace }} describe securitypolicy {{ include "extauthz.fullname" . }}
   {{- if $policy.statusOnError }}
   - Its statusOnError needs Envoy Gateway 1.8; before that set envoyGateway.securityPolicy.statusOnError to 0.
   {{- end }}
   - WARNING: a SecurityPolicy on a route replaces that of its Gateway, and with it the question: unless it says extAuth
     itself, its route asks nobody.
   {{- if ne $namespace .Release.Namespace }}
   - WARNING: whoever may write SecurityPolicies in namespace {{ $namespace }} can take the question away. Give that right to
     nobody else: kubectl auth can-i update securitypolicies.gateway.envoyproxy.io --namespace {{ $namespace }} --as USER
   {{- end }}
{{- end -}}

{{- define "extauthz.notes.envoy" -}}
{{- $host := include "extauthz.host" . }}
   Envoy, or what finds endpoints itself
   - Address: {{ $host }}:{{ int .Values.grpc.port }}
   {{- if .Values.service.headless.enabled }}
   - A cluster of your own finds every pod by STRICT_DNS, with LEAST_REQUEST and HTTP/2:
     {{ include "extauthz.fullname" . }}-headless.{{ .Release.Namespace }}.svc:{{ int .Values.grpc.port }}
   {{- end }}
   - The filter is envoy.filters.http.ext_authz: failure_mode_allow: false, status_on_error: {code: 503}, timeout: 0.5s.
   - The listener must ask for a certificate (require_client_certificate, a validation_context with the CAs of the
     clients) and hand it over as config.sources says: include_peer_certificate for envoy_peer;
     forward_client_cert_details: SANITIZE_SET with cert and chain for xfcc. docs/envoy.md says why.
   {{- if .Values.grpc.tls }}
   - It speaks TLS: verify the name {{ $host }}{{ if eq (include "extauthz.clientCA" .) "true" }}, and show a certificate of the CAs in tls.clientCA{{ end }}.
   {{- end }}
{{- end -}}

{{- define "extauthz.notes.http" -}}
{{- $http := dig "listen" "http" dict (.Values.config | default dict) -}}
{{- $callers := $http.callers | default dict -}}
{{- $host := include "extauthz.host" . -}}
{{- /* NGINX and HAProxy ask a name server themselves, without the search domains of the pod. */ -}}
{{- if has ($http.dialect | default "") (list "nginx" "ingress_nginx" "haproxy") }}{{ $host = printf "%s.cluster.local" $host }}{{ end }}
   {{ $http.dialect | default "Over HTTP" }}
   - Ask at {{ ternary "https" "http" .Values.http.tls }}://{{ $host }}:{{ int .Values.http.port }}{{ $http.prefix | default "/check" }}
   {{- if and .Values.http.tls (eq ($http.dialect | default "") "ingress_nginx") }}
   - It speaks TLS, and ingress-nginx does not verify its certificate.
   {{- else if .Values.http.tls }}
   - It speaks TLS: verify the name {{ $host }}{{ if eq (include "extauthz.clientCA" .) "true" }}, and show a certificate of the CAs in tls.clientCA{{ end }}.
   {{- end }}
   {{- with $callers.addresses }}
   - The connection must come from {{ join ", " . }}, as the pods see it: after any translation of addresses.
   {{- end }}
   {{- with $callers.clients }}
   - The proxy's own certificate must have one of the names {{ join ", " . }}.
   {{- end }}
   {{- if or $callers.secret .Values.http.callerSecret.secret }}
   - The proxy must send the header {{ dig "secret" "header" "x-extauthz-secret" $callers }} with the secret, and take it away where a client sends it.
   {{- if not .Values.http.tls }}
   - WARNING: over plain HTTP that secret crosses the network in clear: set http.tls.
   {{- end }}
   {{- end }}
   {{- if $http.unsafe_any_caller }}
   - WARNING: unsafe_any_caller. Whoever reaches the port can ask in the name of any client.
   {{- end }}
   - The proxy must ask for a client certificate, write it into the header of its dialect, take away what a client wrote
     there, and copy the identity headers of the answer. docs/proxies.md and examples/ have it for each.
   {{- if eq ($http.dialect | default "") "traefik" }}
   - Traefik: passTLSClientCert with pem, then forwardAuth with trustForwardHeader: true; false takes the certificate away.
   {{- end }}
{{- end -}}

{{- /* The option of `extauthz doctor` for the proxy that asks. */ -}}
{{- define "extauthz.notes.doctor" -}}
{{- $dialect := dig "listen" "http" "dialect" "" (.Values.config | default dict) -}}
{{- if or .Values.grpc.enabled (eq $dialect "envoy_http") -}}
--envoy - < config_dump.json
{{- else if eq $dialect "ingress_nginx" -}}
--nginx - < nginx-T.txt
{{- else if has $dialect (list "nginx" "traefik" "caddy" "haproxy") -}}
--{{ $dialect }} - < {{ get (dict "nginx" "nginx-T.txt" "traefik" "traefik.yaml" "caddy" "caddy.json" "haproxy" "haproxy.cfg") $dialect }}
{{- end -}}
{{- end -}}
