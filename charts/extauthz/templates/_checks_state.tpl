{{- /* What does not go together in a memory that outlives the pod, and in how its pods are replaced. */ -}}
{{- define "extauthz.checks.state" -}}
{{- $found := list -}}
{{- $config := .Values.config | default dict -}}
{{- $given := .Values.updateStrategy | default dict -}}
{{- $rolling := $given.rollingUpdate | default dict -}}
{{- if eq (include "extauthz.persistent" .) "true" -}}
  {{- if not .Values.service.headless.enabled -}}
    {{- $found = append $found "state.persistence.enabled needs service.headless.enabled: a StatefulSet names its pods by that Service" -}}
  {{- end -}}
  {{- if eq (toString $given.type) "Recreate" -}}
    {{- $found = append $found "updateStrategy.type is Recreate, which a StatefulSet (state.persistence.enabled) does not know: use RollingUpdate or OnDelete" -}}
  {{- end -}}
  {{- if not (kindIs "invalid" $rolling.maxSurge) -}}
    {{- $found = append $found "updateStrategy.rollingUpdate.maxSurge is given and state.persistence.enabled: there is no claim for a pod too many, so the old pod goes first; leave it out" -}}
  {{- end -}}
  {{- $away := toString $rolling.maxUnavailable -}}
  {{- if has $away (list "0" "0%") -}}
    {{- $found = append $found (printf "updateStrategy.rollingUpdate.maxUnavailable is %s and state.persistence.enabled: a pod is away while it is replaced; leave it out" $away) -}}
  {{- else if and (not (kindIs "invalid" $rolling.maxUnavailable)) (ne $away "1") (semverCompare "<1.37.0-0" .Capabilities.KubeVersion.Version) -}}
    {{- /* The field is there, and switched off: in alpha until 1.34, and for a defect in 1.35.4 and 1.36. */ -}}
    {{- $found = append $found (printf "updateStrategy.rollingUpdate.maxUnavailable is %s: before Kubernetes 1.37 a StatefulSet replaces one pod at a time; leave it out" $away) -}}
  {{- end -}}
  {{- if eq (dig "fsGroupChangePolicy" "" (.Values.podSecurityContext | default dict)) "Always" -}}
    {{- $found = append $found "podSecurityContext.fsGroupChangePolicy is Always and state.persistence.enabled: each start would let the group write the state directory, which extauthz then refuses; leave it out" -}}
  {{- end -}}
  {{- $crls := or (fromJsonArray (include "extauthz.crls" .)) (dig "revocation" "crls" "" $config) (dig "revocation" "distribution_points" "" $config) -}}
  {{- if and (eq (include "extauthz.configSource" .) "inline") (not $crls) -}}
    {{- $found = append $found "state.persistence.enabled and there are no crls: nothing would be remembered; name them in crls, or leave it off" -}}
  {{- end -}}
{{- else -}}
  {{- if eq (toString $given.type) "OnDelete" -}}
    {{- $found = append $found "updateStrategy.type is OnDelete, which a Deployment does not know: use RollingUpdate or Recreate, or state.persistence.enabled" -}}
  {{- end -}}
  {{- if not (kindIs "invalid" $rolling.partition) -}}
    {{- $found = append $found "updateStrategy.rollingUpdate.partition is given, which a Deployment does not know: leave it out, or use state.persistence.enabled" -}}
  {{- end -}}
  {{- $usual := dig "rollingUpdate" dict (include "extauthz.updateStrategy" . | fromYaml) -}}
  {{- if and (has (toString $usual.maxSurge) (list "0" "0%")) (has (toString $usual.maxUnavailable) (list "0" "0%")) -}}
    {{- $found = append $found "updateStrategy.rollingUpdate has maxSurge and maxUnavailable of 0: no pod could ever be replaced; let one of them be 1" -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
