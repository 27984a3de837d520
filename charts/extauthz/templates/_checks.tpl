{{- /* What does not go together, each with a sentence that says what to do. All of them at once. */ -}}
{{- define "extauthz.checks" -}}
{{- $found := concat
      (fromJsonArray (include "extauthz.checks.config" .))
      (fromJsonArray (include "extauthz.checks.material" .))
      (fromJsonArray (include "extauthz.checks.listeners" .))
      (fromJsonArray (include "extauthz.checks.pods" .))
      (fromJsonArray (include "extauthz.checks.around" .)) -}}
{{- if $found -}}
{{- fail (printf "\n\nThese values cannot be used:\n- %s\n" (join "\n- " $found)) -}}
{{- end -}}
{{- end -}}

{{- define "extauthz.checks.config" -}}
{{- $found := list -}}
{{- $config := .Values.config | default dict -}}
{{- $sources := list -}}
{{- if $config }}{{ $sources = append $sources "config" }}{{ end -}}
{{- if .Values.existingConfigMap }}{{ $sources = append $sources "existingConfigMap" }}{{ end -}}
{{- if .Values.existingSecret }}{{ $sources = append $sources "existingSecret" }}{{ end -}}
{{- if not $sources -}}
  {{- $found = append $found "config is empty: write at least its `sources` and `policies`, or name an existingConfigMap" -}}
{{- else if gt (len $sources) 1 -}}
  {{- $found = append $found (printf "%s are given: the configuration comes from one of them" (join " and " $sources)) -}}
{{- end -}}
{{- if $config -}}
  {{- if not $config.policies -}}
    {{- $found = append $found "config.policies is empty: without a policy everybody is denied" -}}
  {{- end -}}
  {{- $chain := dig "trust" "chain" "verify" $config -}}
  {{- if and (ne $chain "unsafe_none") (not .Values.trust.anchors) (not (dig "trust" "anchors" list $config)) -}}
    {{- $found = append $found "trust.anchors is empty: name the ConfigMaps, Secrets or bundles with the CAs of your clients" -}}
  {{- end -}}
  {{- if and .Values.grpc.enabled (not $config.sources) -}}
    {{- $found = append $found "config.sources is empty: say where the proxy puts the certificate, such as [{type: xfcc}], or set grpc.enabled to false" -}}
  {{- end -}}
  {{- if and (not .Values.grpc.enabled) $config.sources -}}
    {{- $found = append $found "config.sources is for the gRPC listener, and grpc.enabled is false: enable it, or write listen.http.sources" -}}
  {{- end -}}
  {{- $http := dig "listen" "http" dict $config -}}
  {{- if and .Values.http.enabled (not $http.dialect) -}}
    {{- $found = append $found "config.listen.http.dialect is missing: http.enabled needs to know which proxy asks" -}}
  {{- end -}}
  {{- if and (not .Values.http.enabled) $http -}}
    {{- $found = append $found "config.listen.http is given and http.enabled is false: enable it, so that the Service has its port" -}}
  {{- end -}}
  {{- range $name := list "grpc" "http" -}}
    {{- $section := dig "listen" $name dict $config -}}
    {{- if $section.address -}}
      {{- $found = append $found (printf "config.listen.%s.address is the chart's to set: use %s.port and bindAddress" $name $name) -}}
    {{- end -}}
    {{- if and $section.tls (not (index $.Values $name).tls) -}}
      {{- $found = append $found (printf "config.listen.%s.tls is given and %s.tls is false: set it, and `tls` for the certificate" $name $name) -}}
    {{- end -}}
    {{- range $key := list "cert" "key" "client_ca" -}}
      {{- if hasKey ($section.tls | default dict) $key -}}
        {{- $found = append $found (printf "config.listen.%s.tls.%s is the chart's to set: use `tls`" $name $key) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if dig "listen" "admin" "" $config -}}
    {{- $found = append $found "config.listen.admin is the chart's to set: use admin.port" -}}
  {{- end -}}
  {{- if dig "revocation" "state_directory" "" $config -}}
    {{- $found = append $found "config.revocation.state_directory is the chart's to set: each pod has its own" -}}
  {{- end -}}
  {{- $stop := add
        (int .Values.preStopSeconds | mul 1000)
        (include "extauthz.milliseconds" (dig "shutdown" "drain_delay" "5s" $config))
        (include "extauthz.milliseconds" (dig "shutdown" "grace" "10s" $config)) -}}
  {{- if ge (int $stop) (mul 1000 (int .Values.terminationGracePeriodSeconds) | int) -}}
    {{- $found = append $found (printf "terminationGracePeriodSeconds is %d, and preStopSeconds, shutdown.drain_delay and shutdown.grace take %d ms together: the pod would be killed before it is done"
          (int .Values.terminationGracePeriodSeconds) (int $stop)) -}}
  {{- end -}}
{{- else if and $sources (eq .Values.reload.strategy "rollout") -}}
  {{- $found = append $found "reload.strategy is rollout: the chart cannot see when a ConfigMap or Secret of yours changes; use watch" -}}
{{- end -}}
{{- if not (or .Values.grpc.enabled .Values.http.enabled) -}}
  {{- $found = append $found "grpc.enabled and http.enabled are both false: nobody could ask" -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{- define "extauthz.checks.material" -}}
{{- $found := list -}}
{{- $groups := dict "trust.anchors" .Values.trust.anchors "trust.intermediates" .Values.trust.intermediates "crls" .Values.crls -}}
{{- range $name, $items := $groups -}}
  {{- range $index, $item := $items -}}
    {{- $given := list -}}
    {{- range $key := list "configMap" "secret" "bundle" "path" "url" -}}
      {{- if hasKey $item $key }}{{ $given = append $given $key }}{{ end -}}
    {{- end -}}
    {{- if ne (len $given) 1 -}}
      {{- $found = append $found (printf "%s[%d] has %s: it comes from exactly one place" $name $index (ternary "none of configMap, secret, bundle, path, url" (join " and " $given) (empty $given))) -}}
    {{- else -}}
      {{- if and $item.key (or $item.path $item.url) -}}
        {{- $found = append $found (printf "%s[%d].key takes one key of a ConfigMap, Secret or bundle; with %s it means nothing" $name $index (first $given)) -}}
      {{- end -}}
      {{- if and (or (hasKey $item "path") (hasKey $item "url")) (ne (include "extauthz.configSource" $) "inline") -}}
        {{- $found = append $found (printf "%s[%d].%s is part of the configuration: write it there, as the chart does not change yours" $name $index (first $given)) -}}
      {{- end -}}
      {{- if and (or (hasKey $item "refresh") (hasKey $item "required")) (not (hasKey $item "url")) -}}
        {{- if hasKey $item "refresh" -}}
          {{- $found = append $found (printf "%s[%d].refresh is for a url: files are watched" $name $index) -}}
        {{- end -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $directories := dict -}}
{{- range fromJsonArray (include "extauthz.material" .) -}}
  {{- if hasKey $directories .directory -}}
    {{- $found = append $found (printf "two objects would be mounted at %s: give them different names, or merge them" .directory) -}}
  {{- end -}}
  {{- $_ := set $directories .directory true -}}
{{- end -}}
{{- range .Values.extraVolumeMounts -}}
  {{- if or .subPath .subPathExpr -}}
    {{- $found = append $found (printf "extraVolumeMounts: %s is mounted by subPath, and would never change: mount the whole directory" .mountPath) -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

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
{{- $authorities := list -}}
{{- range $key := list "configMap" "secret" "bundle" -}}
  {{- if index $tls.clientCA $key }}{{ $authorities = append $authorities (printf "tls.clientCA.%s" $key) }}{{ end -}}
{{- end -}}
{{- if gt (len $authorities) 1 -}}
  {{- $found = append $found (printf "%s are given: the CAs of the proxies come from one of them" (join " and " $authorities)) -}}
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
    {{- if hasKey $ports $port -}}
      {{- $found = append $found (printf "%s.port and %s.port are both %s" (index $ports $port) $name $port) -}}
    {{- end -}}
    {{- $_ := set $ports $port $name -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{- define "extauthz.checks.pods" -}}
{{- $found := list -}}
{{- if eq .Values.probes.readinessType "grpc" -}}
  {{- if not .Values.grpc.enabled -}}
    {{- $found = append $found "probes.readinessType is grpc and grpc.enabled is false: use http" -}}
  {{- else if .Values.grpc.tls -}}
    {{- if semverCompare "<1.37.0-0" .Capabilities.KubeVersion.Version -}}
      {{- $found = append $found "probes.readinessType is grpc and grpc.tls is true: the kubelet speaks no TLS there before Kubernetes 1.37; use auto or http" -}}
    {{- else if eq (include "extauthz.clientCA" .) "true" -}}
      {{- $found = append $found "probes.readinessType is grpc and tls.clientCA is given: the kubelet has no certificate to show; use auto or http" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.podDisruptionBudget -}}
  {{- if and .enabled (ne (toString .minAvailable) "") -}}
    {{- $least := ternary $.Values.autoscaling.minReplicas $.Values.replicas $.Values.autoscaling.enabled | int -}}
    {{- if and (not (hasSuffix "%" (toString .minAvailable))) (ge (int .minAvailable) $least) -}}
      {{- $found = append $found (printf "podDisruptionBudget.minAvailable is %d of %d pods: no node could ever be drained" (int .minAvailable) $least) -}}
    {{- end -}}
    {{- if eq (toString .minAvailable) "100%" -}}
      {{- $found = append $found "podDisruptionBudget.minAvailable is 100%: no node could ever be drained" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.autoscaling -}}
  {{- if .enabled -}}
    {{- if lt (int .maxReplicas) (int .minReplicas) -}}
      {{- $found = append $found (printf "autoscaling.maxReplicas (%d) is less than minReplicas (%d)" (int .maxReplicas) (int .minReplicas)) -}}
    {{- end -}}
    {{- if not (or .targetCPUUtilizationPercentage .targetMemoryUtilizationPercentage .metrics) -}}
      {{- $found = append $found "autoscaling has nothing to go by: give a target or metrics" -}}
    {{- end -}}
    {{- $requests := $.Values.resources.requests | default dict -}}
    {{- if and .targetCPUUtilizationPercentage (not $requests.cpu) -}}
      {{- $found = append $found "autoscaling.targetCPUUtilizationPercentage is a share of resources.requests.cpu, which is missing" -}}
    {{- end -}}
    {{- if and .targetMemoryUtilizationPercentage (not $requests.memory) -}}
      {{- $found = append $found "autoscaling.targetMemoryUtilizationPercentage is a share of resources.requests.memory, which is missing" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{- define "extauthz.checks.around" -}}
{{- $found := list -}}
{{- $monitors := or .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.proxies) -}}
  {{- $found = append $found "networkPolicy.proxies is empty: name the pods of the proxies that ask, or set networkPolicy.enabled to false and let everybody ask" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled $monitors (not .Values.networkPolicy.monitoring) -}}
  {{- $found = append $found "networkPolicy.monitoring is empty: Prometheus could not reach what a monitor tells it to scrape; name its pods" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
  {{- $found = append $found "metrics.serviceMonitor and metrics.podMonitor are both enabled: everything would be scraped twice" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
  {{- $found = append $found "metrics.serviceMonitor needs metrics.service.enabled; without a Service use metrics.podMonitor" -}}
{{- end -}}
{{- $names := dict -}}
{{- range fromYamlArray (.Files.Get "files/alerts.yaml") }}{{ $_ := set $names .alert true }}{{ end -}}
{{- range $name, $ignored := .Values.prometheusRule.alerts -}}
  {{- if not (hasKey $names $name) -}}
    {{- $found = append $found (printf "prometheusRule.alerts.%s: there is no such alert; there are %s" $name (keys $names | sortAlpha | join ", ")) -}}
  {{- end -}}
{{- end -}}
{{- with .Values.istio.authorizationPolicy -}}
  {{- if .enabled -}}
    {{- if and .selector .targetRefs -}}
      {{- $found = append $found "istio.authorizationPolicy has selector and targetRefs: use one" -}}
    {{- else if not (or .selector .targetRefs) -}}
      {{- $found = append $found "istio.authorizationPolicy needs selector or targetRefs: without, every workload of the namespace would ask" -}}
    {{- end -}}
    {{- if not $.Values.grpc.enabled -}}
      {{- $found = append $found "istio.authorizationPolicy needs grpc.enabled: over HTTP the next hop overwrites the certificate's header" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.envoyGateway.securityPolicy -}}
  {{- if .enabled -}}
    {{- if not .targetRefs -}}
      {{- $found = append $found "envoyGateway.securityPolicy.targetRefs is empty: which Gateways or routes ask?" -}}
    {{- end -}}
    {{- if not $.Values.grpc.enabled -}}
      {{- $found = append $found "envoyGateway.securityPolicy needs grpc.enabled" -}}
    {{- else if $.Values.grpc.tls -}}
      {{- $found = append $found "envoyGateway.securityPolicy and grpc.tls: the chart makes no BackendTLSPolicy; leave grpc.tls off, or write both policies yourself" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
